//! Accepts connections and serves HTTP/1.1 on them, with timeouts and a limit on how many are open. `axum::serve` has no
//! timeouts: a client that sends its header a byte a minute, or never reads the response, would hold its connection and its
//! buffers forever.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::ConnectInfo,
    http::{HeaderValue, header},
    serve::Listener,
};
use hyper::{Request, body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    pin,
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_io_timeout::TimeoutStream;
use tower::{Layer, ServiceExt};
use tracing::debug;

/// Most bytes of a request's header, and of the read buffer of a connection.
const HEADER_LIMIT: usize = 32 * 1024;
/// How long an idle connection has to close before another one is asked to.
const IDLE_CLOSE_WAIT: Duration = Duration::from_millis(20);
/// How long requests are still accepted on open connections after shutdown has begun.
const DRAIN_TIME: Duration = Duration::from_millis(500);

/// Limits on what clients may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// From the connection's start, or its last response, to the end of the next header. It also closes idle connections.
    pub(super) header_timeout: Duration,
    /// How long a client may leave a response unread.
    pub(super) write_timeout: Duration,
    /// Connections open at once.
    pub(super) connections: usize,
}

/// Serves `app` until `stop` resolves, then finishes the requests in flight.
///
/// When the limit on connections is reached, the connection that has been idle longest is closed for a new one, so that a
/// client cannot lock others out by holding connections open.
pub(super) async fn serve(
    mut listener: TcpListener,
    app: Router,
    limits: Limits,
    stop: impl Future<Output = ()> + Send,
) {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_buf_size(HEADER_LIMIT);
    let connections = GracefulShutdown::new();
    let connection_limit =
        ConnectionLimit { permits: Arc::new(Semaphore::new(limits.connections)), close_idle: Arc::default() };
    let stopping = Arc::new(AtomicBool::new(false));
    pin!(stop);
    loop {
        // `Listener::accept` handles its own errors: it waits when no file descriptors are left.
        let ((stream, peer), permit) = tokio::select! {
            accepted = async { (Listener::accept(&mut listener).await, connection_limit.acquire().await) } => accepted,
            () = &mut stop => break,
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write_timeout));
        let busy = Arc::new(AtomicBool::new(false));
        let service = Extension(ConnectInfo::<SocketAddr>(peer)).layer(app.clone());
        let request_state = (Arc::clone(&busy), Arc::clone(&stopping));
        let service = ServiceExt::<Request<Incoming>>::map_future(service, move |response| {
            let (busy, stopping) = request_state.clone();
            async move {
                let _in_flight = InFlightGuard::new(busy);
                let mut response = response.await;
                if let Ok(response) = &mut response
                    && stopping.load(Ordering::Relaxed)
                {
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                response
            }
        });
        let stream = TokioIo::new(Box::pin(stream));
        let connection = connections.watch(protocol.serve_connection(stream, TowerToHyperService::new(service)));
        let close_idle = Arc::clone(&connection_limit.close_idle);
        tokio::spawn(async move {
            let _permit = permit;
            pin!(connection);
            loop {
                tokio::select! {
                    ended = &mut connection => {
                        if let Err(cause) = ended {
                            debug!(%cause, "A connection ended early");
                        }
                        break;
                    }
                    () = close_idle.notified() => if !busy.load(Ordering::Relaxed) { break },
                }
            }
        });
    }
    drop(listener);
    // A request may already be on its way on a connection, and closing that would fail it. So requests are served, with
    // `Connection: close`, until no connection is open or the time is over; then idle connections are closed.
    stopping.store(true, Ordering::Relaxed);
    let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    let _some_are_idle = timeout(DRAIN_TIME, connection_limit.permits.acquire_many(all)).await;
    connections.shutdown().await;
}

/// Bounds how many connections are open.
struct ConnectionLimit {
    permits: Arc<Semaphore>,
    /// Notifies the connection that has been idle longest.
    close_idle: Arc<Notify>,
}

impl ConnectionLimit {
    /// Waits for a permit; closes an idle connection when there is none.
    async fn acquire(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
                return permit;
            }
            self.close_idle.notify_one();
            if let Ok(Ok(permit)) = timeout(IDLE_CLOSE_WAIT, Arc::clone(&self.permits).acquire_owned()).await {
                return permit;
            }
        }
    }
}

/// Marks a connection as busy while a request is in flight.
struct InFlightGuard(Arc<AtomicBool>);

impl InFlightGuard {
    fn new(busy: Arc<AtomicBool>) -> Self {
        busy.store(true, Ordering::Relaxed);
        Self(busy)
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::oneshot,
        time::timeout,
    };

    use super::*;

    /// Much longer than any test here takes.
    const FOREVER: Duration = Duration::from_mins(1);

    const LIMITS: Limits =
        Limits { header_timeout: Duration::from_hours(1), write_timeout: Duration::from_hours(1), connections: 100 };

    struct Server {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        running: tokio::task::JoinHandle<()>,
    }

    async fn start(limits: Limits) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer_address = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| format!("hello {}", peer.ip());
        let endless = async || vec![b'x'; 64 << 20];
        let app = Router::new().route("/", get(peer_address)).route("/large", get(endless));
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(serve(listener, app, limits, async move { drop(stopped.await) }));
        Server { address, stop, running }
    }

    /// Sends `text` and reads until the server closes the connection.
    async fn send(stream: &mut TcpStream, text: &str) -> String {
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(FOREVER, stream.read_to_end(&mut answer)).await.expect("the server closes").unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn slow_headers_time_out_and_other_clients_are_served() {
        let server = start(Limits { header_timeout: Duration::from_millis(50), ..LIMITS }).await;
        let connect = async || TcpStream::connect(server.address).await.unwrap();
        let answer = send(&mut connect().await, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
        assert!(!answer.contains("hello"), "{answer}");
        assert!(
            !send(&mut connect().await, "").await.contains("hello"),
            "a connection without a request is closed, too"
        );
        let answer = send(&mut connect().await, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello 127.0.0.1"), "{answer}");
    }

    #[tokio::test]
    async fn shutdown_closes_idle_connections_and_frees_the_address() {
        let server = start(LIMITS).await;
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut first = [0; 8];
        idle.read_exact(&mut first).await.unwrap();
        server.stop.send(()).unwrap();
        timeout(FOREVER, server.running).await.expect("the server ends").unwrap();
        TcpListener::bind(server.address).await.unwrap();
    }

    #[tokio::test]
    async fn requests_during_shutdown_are_answered_with_connection_close() {
        let server = start(LIMITS).await;
        let mut fresh = TcpStream::connect(server.address).await.unwrap();
        // Accepted before the next, which is answered.
        let mut kept = TcpStream::connect(server.address).await.unwrap();
        kept.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut first = vec![0; 8];
        kept.read_exact(&mut first).await.unwrap();
        server.stop.send(()).unwrap();
        while TcpStream::connect(server.address).await.is_ok() {}
        for stream in [&mut fresh, &mut kept] {
            let answer = send(stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
            assert!(answer.ends_with("hello 127.0.0.1") && answer.contains("connection: close"), "{answer}");
        }
        timeout(FOREVER, server.running).await.expect("the server ends").unwrap();
    }

    #[tokio::test]
    async fn an_unread_response_times_out() {
        let server = start(Limits { write_timeout: Duration::from_millis(50), ..LIMITS }).await;
        let mut silent = TcpStream::connect(server.address).await.unwrap();
        silent.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        server.stop.send(()).unwrap();
        timeout(FOREVER, server.running).await.expect("the connection is closed").unwrap();
    }

    #[tokio::test]
    async fn a_long_header_is_431() {
        let server = start(LIMITS).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let header = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(HEADER_LIMIT - 100));
        stream.write_all(header.as_bytes()).await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        let header = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(2 * HEADER_LIMIT));
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(header.as_bytes()).await.unwrap();
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 431");
    }

    #[tokio::test]
    async fn idle_connections_do_not_lock_others_out() {
        let server = start(Limits { connections: 3, ..LIMITS }).await;
        let mut held = Vec::new();
        for _ in 0..12 {
            held.push(TcpStream::connect(server.address).await.unwrap());
        }
        for _ in 0..3 {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            let answer = send(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
            assert!(answer.ends_with("hello 127.0.0.1"), "{answer}");
        }
        let mut rest = String::new();
        timeout(FOREVER, held[0].read_to_string(&mut rest)).await.expect("the first connection is closed").unwrap();
    }
}
