//! The bytes of a log, counted line by line, with a bound on how many of them one tag may take.

use std::io::{self, BufRead, Read};

/// The longest tag, or text between two, in bytes: a parser keeps a whole one in memory.
pub(super) const TAG_BYTES_MAX: usize = 1024 * 1024;

/// A reader that knows on which line it is.
pub(super) struct Input<R> {
    inner: R,
    line: u64,
    /// How many bytes were read since the last tag was complete.
    since_tag: usize,
    /// Whether a tag was too long.
    pub(super) exceeded: bool,
}

impl<R: BufRead> Input<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self {
            inner,
            line: 1,
            since_tag: 0,
            exceeded: false,
        }
    }

    /// The line of the next byte, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// A tag is complete: the next one may be as long.
    pub(super) const fn next_tag(&mut self) {
        self.since_tag = 0;
    }
}

impl<R: BufRead> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since_tag > TAG_BYTES_MAX {
            self.exceeded = true;
            return Err(io::Error::other("a tag is too long"));
        }
        self.inner.fill_buf()
    }

    #[expect(
        clippy::naive_bytecount,
        reason = "reading a file is not what an import waits for"
    )]
    fn consume(&mut self, amount: usize) {
        // What is there is not read anew.
        if let Ok(buffer) = self.inner.fill_buf() {
            let consumed = &buffer[..amount.min(buffer.len())];
            let lines = consumed.iter().filter(|byte| **byte == b'\n').count();
            self.line += lines as u64;
        }
        self.since_tag += amount;
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}
