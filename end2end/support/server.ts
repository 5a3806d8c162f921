// The real program: a server on a free port with an empty data folder, and other commands.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const PROGRAM = process.env.ROLLCALL_E2E_PROGRAM ?? join(ROOT, "scripts/rollcall");

/** The exit code and output of a command. */
export type Outcome = { code: number; stdout: string; stderr: string };

export class Server {
  /** Everything the server wrote to its console. */
  console = "";
  private process?: ChildProcess;

  private constructor(
    readonly address: string,
    readonly folder: string,
  ) {}

  /** Starts a server on ROLLCALL_E2E_ADDR (`127.0.0.1:3456`), or else on a free port. */
  static async start(): Promise<Server> {
    const address = process.env.ROLLCALL_E2E_ADDR ?? `127.0.0.1:${await freePort()}`;
    const server = new Server(address, await mkdtemp(join(tmpdir(), "rollcall-e2e-")));
    await server.open();
    return server;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  get tenantUrl(): string {
    return `${this.url}/v2/scim`;
  }

  /** A path in a folder that is deleted with the server. */
  file(name: string): string {
    return join(this.folder, name);
  }

  /** The set-up link on the console. */
  setUpLink(): string {
    const link = /https?:\/\/\S+\/setup\?token=[\w.~-]+/.exec(this.console)?.[0];
    if (!link) throw new Error(`no set-up link on the console:\n${this.console}`);
    return link;
  }

  /** Runs another command on the same data. */
  run(verb: string[], env: Record<string, string> = {}, input = ""): Promise<Outcome> {
    return new Promise((done) => {
      const options = { env: { ...this.environment(), ...env }, cwd: this.folder, maxBuffer: 1 << 26 };
      const child = execFile(PROGRAM, verb, options, (error, stdout, stderr) => {
        done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
      });
      child.stdin?.end(input);
    });
  }

  async stop(): Promise<void> {
    const child = this.process;
    if (child && child.exitCode === null) {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async open(): Promise<void> {
    const child = spawn(PROGRAM, ["serve"], { env: this.environment(), cwd: this.folder });
    this.process = child;
    child.stdout.on("data", (chunk) => (this.console += chunk));
    child.stderr.on("data", (chunk) => (this.console += chunk));
    for (let attempt = 0; attempt < 300; attempt++) {
      if (child.exitCode !== null) break;
      const healthy = await fetch(`${this.url}/healthz`).then(
        (response) => response.ok,
        () => false,
      );
      if (healthy) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`the server did not start:\n${this.console}`);
  }

  private environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(ROLLCALL|LEPTOS)_/.test(name));
    return {
      ...Object.fromEntries(inherited),
      ROLLCALL_ADDR: this.address,
      // These tests provision a company at full speed; throttling is tested elsewhere.
      ROLLCALL_RATE_LIMIT: "0",
      ROLLCALL_DATA_DIR: join(this.folder, "data"),
    };
  }
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer().once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
