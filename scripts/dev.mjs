// Serves while you edit: builds what has changed, restarts the program when it is a new one, and lets open pages reload. They
// are told on port 3001, where the script of Leptos' `AutoReload` listens.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const SOURCES = ['src', 'migrations', 'style', 'public', '.cargo', 'Cargo.toml', 'Cargo.lock'];
const PROGRAM = `${process.env.CARGO_TARGET_DIR ?? 'target'}/debug/rollcall`;
const MODULE = 'target/site/dev/pkg/rollcall.wasm';
const READY = `http://${process.env.ROLLCALL_ADDR ?? '127.0.0.1:3000'}/readyz`;

const pages = new Set();
const reload = createServer().on('upgrade', ({ headers }, page) => {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  page.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
  );
  pages.add(page);
  page.on('close', () => pages.delete(page)).on('error', () => page.destroy()).resume();
});
reload.listen(3001, '127.0.0.1');

// One frame of text, shorter than 126 bytes (RFC 6455 §5.2).
function tellPages(message) {
  const text = Buffer.from(JSON.stringify(message));
  for (const page of pages) page.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
}

const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const below = (path) => (changed(path) && statSync(path).isDirectory() ? readdirSync(path, { recursive: true }) : []);
const newest = () => Math.max(...SOURCES.flatMap((path) => [path, ...below(path).map((name) => `${path}/${name}`)]).map(changed));

let server;
async function restart() {
  if (server && server.exitCode === null) {
    server.kill();
    await once(server, 'exit');
  }
  server = spawn(PROGRAM, ['serve'], { stdio: 'inherit', env: { ...process.env, LEPTOS_WATCH: 'true' } });
  while (server.exitCode === null && !(await fetch(READY).catch(() => undefined))?.ok) await setTimeout(100);
}

for (let built = 0; ; await setTimeout(300)) {
  const now = newest();
  if (now <= built) continue;
  built = now;
  const before = [changed(PROGRAM), changed(MODULE)];
  if (spawnSync('scripts/build', ['dev'], { stdio: 'inherit' }).status !== 0) continue;
  if (!server || changed(PROGRAM) !== before[0]) {
    await restart();
    tellPages({ all: true });
  } else {
    tellPages(changed(MODULE) === before[1] ? { css: 'pkg/rollcall.css' } : { all: true });
  }
}
