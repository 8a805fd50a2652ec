//! The portal: web pages, JSON API, command line, configuration.

#[cfg(test)]
extern crate self as qudao;

pub mod web;
