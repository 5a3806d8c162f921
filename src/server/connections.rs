//! Connections: accepted, served over HTTP/1.1, ended when their client dawdles or the server stops. `axum::serve` does
//! the same but for the dawdling: a client that sends its header a byte a minute would hold its connection for ever.

use std::{future::Future, net::SocketAddr, time::Duration};

use axum::{Extension, Router, extract::ConnectInfo, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, pin};
use tower::Layer;
use tracing::debug;

/// Serves `app` until `stop` comes, and then until the requests under way are answered.
///
/// `header_time` is what a client has from the connection, or the last answer on it, to the end of its next header; so
/// it ends idle connections, too.
pub(super) async fn serve(
    mut listener: TcpListener,
    app: Router,
    header_time: Duration,
    stop: impl Future<Output = ()> + Send,
) {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(header_time);
    let connections = GracefulShutdown::new();
    pin!(stop);
    loop {
        // The listener deals with its own errors: it waits where the machine has no sockets left.
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        let service = TowerToHyperService::new(Extension(ConnectInfo::<SocketAddr>(peer)).layer(app.clone()));
        let connection = connections.watch(protocol.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(cause) = connection.await {
                debug!(%cause, "A connection ended early");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
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

    /// Much longer than anything here takes: who waits for it has hung.
    const FOREVER: Duration = Duration::from_mins(1);

    struct Server {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        running: tokio::task::JoinHandle<()>,
    }

    async fn start(header_time: Duration) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let whose = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| format!("hello {}", peer.ip());
        let app = Router::new().route("/", get(whose));
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(serve(listener, app, header_time, async move { drop(stopped.await) }));
        Server { address, stop, running }
    }

    /// All that comes back, once the server has closed the connection.
    async fn send(stream: &mut TcpStream, text: &str) -> String {
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(FOREVER, stream.read_to_end(&mut answer)).await.expect("the server closes").unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn a_client_that_never_ends_its_header_is_cut_off_and_others_are_answered() {
        let server = start(Duration::from_millis(50)).await;
        let connect = async || TcpStream::connect(server.address).await.unwrap();
        let answer = send(&mut connect().await, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
        assert!(!answer.contains("hello"), "{answer}");
        assert!(!send(&mut connect().await, "").await.contains("hello"), "nothing at all is cut off, too");
        let answer = send(&mut connect().await, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello 127.0.0.1"), "{answer}");
    }

    #[tokio::test]
    async fn a_stop_ends_idle_connections_and_frees_the_address() {
        let server = start(FOREVER * 60).await;
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut first = [0; 8];
        idle.read_exact(&mut first).await.unwrap();
        server.stop.send(()).unwrap();
        timeout(FOREVER, server.running).await.expect("the server ends").unwrap();
        TcpListener::bind(server.address).await.unwrap();
    }
}
