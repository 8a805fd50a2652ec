//! Clients that place orders over HTTP, each over a connection of its own that is kept open. They run in the
//! server's process, so that their cost counts against us as pgbench's counts against it.

use super::stage::{Draft, Stage};
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What clients share.
pub struct Load {
    address: SocketAddr,
    drafts: Arc<Vec<Draft>>,
    /// Counts the orders, so that no key is used twice.
    key: Arc<AtomicU64>,
}

/// What a run measured.
pub struct Outcome {
    /// Orders placed in a second, by all clients together.
    pub orders_per_second: f64,
    /// From the request's first byte to the answer's last.
    pub latencies_ms: Vec<f64>,
}

impl Load {
    /// Clients of a stage.
    pub fn new(stage: &Stage) -> Self {
        Self { address: stage.address, drafts: Arc::new(stage.drafts.clone()), key: Arc::default() }
    }

    /// Places every draft once.
    pub async fn each_draft_once(&self) -> Result<()> {
        let mut connection = Connection::open(self.address).await?;
        for draft in self.drafts.iter() {
            connection.place(draft, self.key.fetch_add(1, Ordering::Relaxed)).await?;
        }
        Ok(())
    }

    /// So many clients place orders, one after the other each, for so long.
    pub async fn run(&self, clients: usize, time: Duration) -> Result<Outcome> {
        let began = Instant::now();
        let tasks: Vec<_> =
            (0..clients).map(|seed| tokio::spawn(self.client(seed as u64, began + time))).collect();
        let mut latencies_ms = Vec::new();
        for task in tasks {
            latencies_ms.extend(task.await??);
        }
        let orders_per_second = latencies_ms.len() as f64 / began.elapsed().as_secs_f64();
        Ok(Outcome { orders_per_second, latencies_ms })
    }

    fn client(&self, seed: u64, until: Instant) -> impl Future<Output = Result<Vec<f64>>> + Send + 'static {
        let (address, drafts, key) = (self.address, Arc::clone(&self.drafts), Arc::clone(&self.key));
        async move {
            let mut connection = Connection::open(address).await?;
            let mut latencies_ms = Vec::new();
            let mut random = key.load(Ordering::Relaxed) ^ (seed << 32) | 1;
            while Instant::now() < until {
                // xorshift: good enough to spread the orders over the drafts.
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let draft = &drafts[(random >> 16) as usize % drafts.len()];
                let began = Instant::now();
                connection.place(draft, key.fetch_add(1, Ordering::Relaxed)).await?;
                latencies_ms.push(began.elapsed().as_secs_f64() * 1e3);
            }
            Ok(latencies_ms)
        }
    }
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(8 << 10) })
    }

    async fn place(&mut self, draft: &Draft, key: u64) -> Result<()> {
        let Draft { token, body } = draft;
        let request = format!(
            "POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Idempotency-Key: bench-{key:012}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        let answer = self.answer().await?;
        ensure!(answer.starts_with("HTTP/1.1 201 "), "the order was not placed: {answer}");
        Ok(())
    }

    /// Reads head and body; the body's length is in the head.
    async fn answer(&mut self) -> Result<String> {
        self.read.clear();
        loop {
            let got = self.stream.read_buf(&mut self.read).await?;
            ensure!(got > 0, "the server hung up");
            let Some(head) = self.read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let body = length(&self.read[..head])?;
            if self.read.len() >= head + 4 + body {
                return Ok(String::from_utf8_lossy(&self.read).into_owned());
            }
        }
    }
}

fn length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let field = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    Ok(field.with_context(|| format!("an answer without a length: {head}"))?.parse()?)
}
