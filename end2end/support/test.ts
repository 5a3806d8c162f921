// Playwright's `test`, with a browser that keeps watch: a page that writes an error to the console, breaks the content
// security policy or throws fails the test it happened in.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test as base, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "@playwright/test";

export { expect };
export const test = base;

const SCREENSHOTS = new URL("../screenshots/", import.meta.url).pathname;

/** A visitor with a browser of their own. */
export class Visitor {
  private readonly complaints: string[] = [];
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
      if (message.type() === "error") visitor.complain(`console: ${message.text()} (${message.location().url})`);
    });
    visitor.page.on("pageerror", (error) => visitor.complain(`thrown: ${error.message}`));
    visitor.page.on("response", (response) => {
      if (response.status() >= 500) visitor.complain(`${response.status()} ${response.url()}`);
    });
    return visitor;
  }

  /** From now on this complaint of the page is part of the story. */
  expect(complaint: RegExp): void {
    this.expected.push(complaint);
  }

  /** Opens an address and waits until the page is awake: typed into earlier, a field may lose what it holds. */
  async goto(address: string): Promise<void> {
    await this.page.goto(address);
    await this.hydrated();
  }

  async hydrated(): Promise<void> {
    if (this.scripts) await this.page.locator("html[data-hydrated]").waitFor({ state: "attached" });
  }

  /** Fails when the page complained since the last call. */
  checkQuiet(): void {
    expect(this.complaints.splice(0), "complaints of the page").toEqual([]);
  }

  /**
   * Looks at the page as people do: in light and dark, in windows of any width, and on a phone. No finding of axe, no
   * table and no phone's page that has to be scrolled sideways; pictures go to end2end/screenshots.
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
      expect(cut, `tables of ${name} that have to be scrolled sideways at ${width} pixels`).toBe(0);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await page.screenshot({ path: `${SCREENSHOTS}${name}-phone.png`, fullPage: true });
    const overflow = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
    expect(overflow, `${name} is wider than a phone by so many pixels`).toBeLessThanOrEqual(0);
    if (size) await page.setViewportSize(size);
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  private complain(complaint: string): void {
    if (!this.expected.some((pattern) => pattern.test(complaint))) this.complaints.push(complaint);
  }
}
