//! The portal: web pages, JSON API, command line, configuration.

#[cfg(test)]
extern crate self as qudao;

pub mod api;
pub mod cli;
pub mod config;
mod figures;
mod routes;
pub mod server;
mod sessions;
pub mod state;
mod traces;
pub mod uploads;
pub mod web;
