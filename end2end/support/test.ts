// Playwright's `test` with checks of every page: errors on the console, violations of the content security policy and
// exceptions fail the test.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test as base, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "@playwright/test";

export { expect };
export const test = base;

const SCREENSHOTS = new URL("../screenshots/", import.meta.url).pathname;

/** A visitor with a separate browser context. */
export class Visitor {
  private readonly messages: string[] = [];
  private expected: RegExp[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly scripts: boolean,
  ) {}

  static async open(browser: Browser, baseURL: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ baseURL, ...options });
    const visitor = new Visitor(context, await context.newPage(), options.javaScriptEnabled !== false);
    visitor.page.on("console", (message) => {
      if (message.type() === "error") visitor.record(`console: ${message.text()} (${message.location().url})`);
    });
    visitor.page.on("pageerror", (error) => visitor.record(`thrown: ${error.message}`));
    visitor.page.on("response", (response) => {
      if (response.status() >= 500) visitor.record(`${response.status()} ${response.url()}`);
    });
    return visitor;
  }

  /** Ignores messages that match this pattern. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  /** Opens a URL and waits until the page is hydrated: text typed earlier may be lost. */
  async goto(address: string): Promise<void> {
    await this.page.goto(address);
    await this.hydrated();
  }

  async hydrated(): Promise<void> {
    if (this.scripts) await this.page.locator("html[data-hydrated]").waitFor({ state: "attached" });
  }

  /** Fails if there were messages since the last call. */
  checkQuiet(): void {
    expect(this.messages.splice(0), "messages of the page").toEqual([]);
  }

  /**
   * Checks the page in light and dark, at several widths, and on a phone: no axe findings, and no horizontal scrolling of
   * tables or on the phone. Saves screenshots in end2end/screenshots.
   */
  async look(name: string): Promise<void> {
    const { page } = this;
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${SCREENSHOTS}${name}-${colorScheme}.png`, fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const findings = violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help} at ${target}`));
      expect(findings, `axe on ${name}, ${colorScheme}`).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: "light" });
    const size = page.viewportSize();
    for (const width of [size?.width ?? 1280, 1060, 820]) {
      await page.setViewportSize({ width, height: 740 });
      const cut = await page.evaluate(() => {
        const around = [...document.querySelectorAll("table")].map((table) => table.parentElement as HTMLElement);
        return around.filter((box) => box.scrollWidth > box.clientWidth).length;
      });
      expect(cut, `tables of ${name} with horizontal scrolling at ${width} pixels`).toBe(0);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await page.screenshot({ path: `${SCREENSHOTS}${name}-phone.png`, fullPage: true });
    const overflow = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
    expect(overflow, `pixels by which ${name} is wider than a phone`).toBeLessThanOrEqual(0);
    if (size) await page.setViewportSize(size);
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  private record(message: string): void {
    if (!this.expected.some((pattern) => pattern.test(message))) this.messages.push(message);
  }
}
