// Errors and unusual input: an unreachable server, an internal error, an ended session, unusual names.
import { choose, makeAdmin, signIn } from "../support/admin.ts";
import { Server } from "../support/server.ts";
import { expect, test, Visitor } from "../support/test.ts";

const ARABIC = "محمد عبد الرحمن";
// A right-to-left override, and a name without a line break opportunity.
const REVERSED = "\u202Egnp.exe";
const LONG = "Wolfeschlegelsteinhausenbergerdorff".repeat(5);

test.describe.configure({ mode: "serial" });

let server: Server;
let admin: Visitor;

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  await makeAdmin(server);
  admin = await Visitor.open(browser, server.url);
  await admin.goto("/sign-in");
  await signIn(admin);
  await expect(admin.page.getByRole("heading", { level: 1, name: "Manage Users" })).toBeVisible();
});

test.afterEach(() => admin.checkQuiet());

test.afterAll(async () => {
  await admin?.close();
  await server?.stop();
});

test("an unreachable server is reported, with a link to try again", async () => {
  const { page } = admin;
  admin.expect(/Failed to load resource/);
  await page.route("**/api/groups", (route) => route.abort());
  await choose(admin, "Manage Groups");
  await expect(page.getByText("The server cannot be reached")).toBeVisible();
  await admin.look("no-connection");
  await page.unroute("**/api/groups");
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByText("No groups yet")).toBeVisible();
});

test("an internal error is reported with the request id", async () => {
  const { page } = admin;
  admin.expect(/500/);
  await admin.hydrated();
  const fault = { kind: "Failed", message: "Something went wrong on our side. The server's log has the cause under request id 1." };
  await page.route("**/api/entries", (route) => route.fulfill({ status: 500, json: fault }));
  await choose(admin, "Provisioning Logs");
  await expect(page.getByText("under request id 1")).toBeVisible();
  await admin.look("fault");
  await page.unroute("**/api/entries");
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Provisioning Logs" })).toBeVisible();
});

test("after the session has ended, signing in leads to the requested page", async () => {
  const { page } = admin;
  admin.expect(/401/);
  await admin.goto("/users");
  await admin.context.clearCookies();
  await page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Manage Groups" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await admin.hydrated();
  await signIn(admin);
  await expect(page.getByRole("heading", { level: 1, name: "Manage Groups" })).toBeVisible();
});

test("names of any script and length break no page", async () => {
  const { page } = admin;
  await admin.goto("/settings/security/provisioning");
  await page.getByLabel("Maximum length").fill("0");
  await page.getByRole("button", { name: "Save limit" }).click();
  await expect(page.getByText("The default is 30")).toBeVisible();
  for (const [userName, name] of [
    ["arabic@contoso.example", ARABIC],
    [REVERSED, REVERSED],
    [LONG, LONG],
  ] as const) {
    await admin.goto("/users/new");
    await page.getByLabel("userName").fill(userName);
    await page.getByLabel("Display name").fill(name);
    await page.getByRole("button", { name: "Add User" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  }
  await admin.look("user-long");
  await choose(admin, "Manage Users");
  await expect(page.getByRole("rowheader")).toHaveCount(3);
  await admin.look("users-names");
  await page.getByRole("link", { name: "gnp.exe" }).click();
  await page.getByRole("link", { name: "Delete" }).click();
  await expect(page.getByRole("dialog").getByRole("heading")).toHaveText(`Delete \u2068${REVERSED}\u2069?`);
  await admin.look("delete-reversed");
  await page.getByRole("link", { name: "Cancel" }).click();
  await choose(admin, "Provisioning Logs");
  await admin.look("logs-names");
});

test("back and forward restore searches and their fields", async () => {
  const { page } = admin;
  await choose(admin, "Manage Users");
  await page.getByLabel("Search").fill("arabic");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("rowheader")).toHaveCount(1);
  await page.getByLabel("State").selectOption("Inactive");
  await expect(page.getByText("No user matches")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("rowheader")).toHaveCount(1);
  await expect(page.getByLabel("State")).toHaveValue("");
  await page.goBack();
  await expect(page.getByRole("rowheader")).toHaveCount(3);
  await expect(page.getByLabel("Search")).toHaveValue("");
  await page.goForward();
  await expect(page.getByLabel("Search")).toHaveValue("arabic");
});
