//! A keep-alive HTTP/1.1 connection that costs next to nothing, so that the server is what is
//! measured.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::outcome::Result;

const PATIENCE: Duration = Duration::from_secs(120);

/// A connection to a server on loopback.
pub struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    /// Connects to `port`.
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), line: String::new(), body: Vec::new() })
    }

    /// Runs statements, with sources read from their start.
    pub fn statement(&mut self, ksql: &str) -> Result<&[u8]> {
        let properties = json!({ "ksql.streams.auto.offset.reset": "earliest" });
        let body = json!({ "ksql": ksql, "streamsProperties": properties }).to_string();
        self.post("/ksql", &body)
    }

    /// The body of the answer to a pull query.
    pub fn pull(&mut self, ksql: &str) -> Result<&[u8]> {
        self.post("/query", &format!(r#"{{"ksql":"{ksql}","streamsProperties":{{}}}}"#))
    }

    fn post(&mut self, path: &str, body: &str) -> Result<&[u8]> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.exchange(&request)
    }

    /// The body of a GET's answer.
    pub fn get(&mut self, path: &str) -> Result<&[u8]> {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    /// Sends a request and reads the whole answer; fails when its status is not 200.
    fn exchange(&mut self, request: &str) -> Result<&[u8]> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.read_line()?;
        let is_ok = self.line.split(' ').nth(1) == Some("200");
        let (mut length, mut is_chunked) = (0, false);
        loop {
            self.read_line()?;
            if self.line.is_empty() {
                break;
            }
            let header = self.line.to_ascii_lowercase();
            match header.split_once(':').map(|(name, value)| (name, value.trim())) {
                Some(("content-length", value)) => length = value.parse()?,
                Some(("transfer-encoding", value)) => is_chunked = value == "chunked",
                _ => {}
            }
        }
        self.body.clear();
        match is_chunked {
            true => self.read_chunks()?,
            false => self.read_bytes(length)?,
        }
        match is_ok {
            true => Ok(&self.body),
            false => Err(String::from_utf8_lossy(&self.body).into_owned().into()),
        }
    }

    fn read_chunks(&mut self) -> Result<()> {
        loop {
            self.read_line()?;
            let length = usize::from_str_radix(&self.line, 16)?;
            self.read_bytes(length)?;
            self.read_line()?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn read_bytes(&mut self, length: usize) -> Result<()> {
        let start = self.body.len();
        self.body.resize(start + length, 0);
        Ok(self.stream.read_exact(&mut self.body[start..])?)
    }

    fn read_line(&mut self) -> Result<()> {
        self.line.clear();
        if self.stream.read_line(&mut self.line)? == 0 {
            return Err("the server closed the connection".into());
        }
        self.line.truncate(self.line.trim_end().len());
        Ok(())
    }
}
