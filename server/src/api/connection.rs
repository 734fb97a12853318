//! A connection that does not wait for ever for its client to take what it is given.
//!
//! What a client does not read stays in this process's buffers. A piece of a document must not lie there while the
//! permission under which it was opened ends, so a connection that makes no progress for the time within which
//! contents must leave is cut.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// A stream whose writes make progress within a time, or fail.
pub(super) struct Progressing<S> {
    stream: S,
    within: Duration,
    /// Until when the write that waits now must have made progress.
    waits: Option<Pin<Box<Sleep>>>,
}

impl<S> Progressing<S> {
    pub(super) fn new(stream: S, within: Duration) -> Self {
        Self {
            stream,
            within,
            waits: None,
        }
    }

    fn watch<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waits = None;
            return written;
        }
        let within = self.within;
        let waits = self.waits.get_or_insert_with(|| Box::pin(sleep(within)));
        ready!(waits.as_mut().poll(context));
        // Asked again, it fails again.
        waits.as_mut().reset(Instant::now());
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client did not take what it was given",
        )))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Progressing<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Progressing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const WITHIN: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_cut() {
        let (ours, _theirs) = duplex(4);
        let mut stream = Progressing::new(ours, WITHIN);
        let error = stream.write_all(b"more than fits").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_slow_client_that_goes_on_is_not() {
        let (ours, mut theirs) = duplex(4);
        let mut stream = Progressing::new(ours, Duration::from_mins(1));
        let reading = tokio::spawn(async move {
            let mut taken = [0; 14];
            theirs.read_exact(&mut taken).await.map(|_| taken)
        });
        stream.write_all(b"more than fits").await.unwrap();
        assert_eq!(&reading.await.unwrap().unwrap(), b"more than fits");
    }
}
