// The main scenario, from the set-up link to the last revoked token: an admin lets an identity provider manage the users,
// the Entra simulator provisions a company, and the admin sees which users arrived, and why others did not.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { choose, COMPANY, letIdpManage, setUp, signIn, signOut } from "../support/admin.ts";
import { Server } from "../support/server.ts";
import { expect, test, Visitor } from "../support/test.ts";

const SAMPLE = resolve(import.meta.dirname, "../../tests/it/fixtures/contoso");
const TOO_LONG = 63; // users of the sample whose userName has more than 30 characters

test.describe.configure({ mode: "serial" });

let server: Server;
let admin: Visitor;
let secret: string;
let newSecret: string;

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  admin = await Visitor.open(browser, server.url, { permissions: ["clipboard-read", "clipboard-write"] });
});

test.afterEach(() => admin.checkQuiet());

test.afterAll(async () => {
  await admin?.close();
  await server?.stop();
});

test("the set-up link on the console leads to the company and its first admin", async () => {
  const { page } = admin;
  await admin.goto("/");
  await expect(page.getByText("Open the set-up link")).toBeVisible();
  await admin.look("not-set-up");
  await admin.goto(server.setUpLink());
  await admin.look("set-up");
  await setUp(admin);
  await expect(page.getByRole("heading", { level: 1, name: "Manage Users" })).toBeVisible();
  await expect(page.getByText(COMPANY, { exact: true })).toBeVisible();
  await admin.look("users-empty");
  await choose(admin, "Manage Groups");
  await expect(page.getByText("No groups yet")).toBeVisible();
  await admin.look("groups-empty");
});

test("the set-up link works only once", async ({ browser }) => {
  const stranger = await Visitor.open(browser, server.url);
  await stranger.goto(server.setUpLink());
  await expect(stranger.page.getByText("This link has expired")).toBeVisible();
  await stranger.close();
});

test("an admin signs out and in again", async () => {
  const { page } = admin;
  await signOut(admin);
  await admin.hydrated();
  await admin.look("sign-in");
  await signIn(admin);
  await expect(page.getByRole("heading", { level: 1, name: "Manage Users" })).toBeVisible();
});

test("Security leads through Configure Now to Provision & Integration", async () => {
  const { page } = admin;
  await choose(admin, "Group Settings");
  await admin.look("group-settings");
  await choose(admin, "Security");
  await expect(page.getByRole("heading", { name: "Single Sign On" })).toBeVisible();
  await admin.look("security");
  await page.getByRole("link", { name: "Configure Now" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Provision & Integration" })).toBeVisible();
  await admin.look("provisioning-off");
});

test("the IDP option goes on, and GENERATE TOKEN shows a token once", async () => {
  const { page } = admin;
  await letIdpManage(admin, true);
  await page.getByLabel("Token name").fill("Entra production");
  await page.getByRole("button", { name: "GENERATE TOKEN" }).click();
  const issued = page.getByRole("region", { name: "Token “Entra production” generated" });
  await expect(issued.getByText("Paste both into Microsoft Entra ID")).toBeVisible();
  secret = await issued.getByRole("textbox", { name: "Secret Token" }).inputValue();
  expect(secret).toMatch(/^rollcall_scim_[A-Za-z0-9]{43,}$/);
  await expect(issued.getByRole("textbox", { name: "Tenant URL" })).toHaveValue(server.tenantUrl);
  await admin.look("token-generated");
});

test("the copy buttons put token and Tenant URL on the clipboard", async () => {
  const { page } = admin;
  const issued = page.getByRole("region", { name: "generated" });
  await issued.getByRole("button", { name: "Copy Secret Token" }).click();
  await expect.poll(() => clipboard()).toBe(secret);
  await issued.getByRole("button", { name: "Copy Tenant URL" }).click();
  await expect.poll(() => clipboard()).toBe(server.tenantUrl);
  await admin.goto(page.url());
  await expect(page.getByText(secret)).toHaveCount(0);
  await expect(page.getByRole("textbox", { name: "Secret Token" })).toHaveCount(0);
});

test("an identity provider provisions a company, except users whose userName is too long", async () => {
  test.setTimeout(180_000);
  const { code, report } = await provision(secret);
  expect(code, "something failed, and the exit code says so").toBe(1);
  const failed = report.objects.filter((record) => record.provisioningStatusInfo.status === "failure");
  expect(failed).toHaveLength(TOO_LONG);
  for (const record of failed) expect(JSON.stringify(record)).toContain("30 characters");
});

test("the users appear with all stored attributes", async () => {
  const { page } = admin;
  await choose(admin, "Manage Users");
  await expect(page.getByRole("row")).not.toHaveCount(0);
  await expect(page.getByRole("link", { name: "Add User" })).toHaveCount(0);
  await admin.look("users");
  await page.getByRole("rowheader").getByRole("link").first().click();
  await expect(page.getByText("Your identity provider creates and manages user accounts")).toBeVisible();
  await expect(page.getByRole("region", { name: "History" })).toContainText("Create");
  await expect(page.getByRole("link", { name: "Edit" })).toHaveCount(0);
  await admin.look("user");
});

test("the groups appear, are searched and sorted, and link to their members", async () => {
  const { page } = admin;
  await choose(admin, "Manage Groups");
  await expect(page.getByText("40 of 40 groups shown")).toBeVisible();
  await admin.look("groups");
  await page.getByRole("link", { name: "Members" }).click();
  await expect(page).toHaveURL(/sort=members/);
  await page.getByRole("link", { name: "Members" }).click();
  await expect(page).toHaveURL(/sort=-members/);
  await expect(page.getByRole("columnheader", { name: "Members" })).toHaveAttribute("aria-sort", "descending");
  await page.getByLabel("Search").fill("engin");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/q=engin/);
  await expect(page.getByRole("rowheader")).toHaveCount(1);
  await page.getByRole("rowheader").getByRole("link", { name: "Engineering" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Engineering" })).toBeVisible();
});

test("a group shows pages of its members, and its history", async () => {
  const { page } = admin;
  const members = page.getByRole("region", { name: "Members" });
  await expect(members.getByText(/^25 of \d+ members shown$/)).toBeVisible();
  await expect(page.getByText("Your identity provider creates and manages groups")).toBeVisible();
  await expect(page.getByRole("region", { name: "History" })).toContainText("Create");
  await admin.look("group");
  const first = await members.getByRole("rowheader").first().textContent();
  await members.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(/page=n/);
  await expect(members.getByRole("rowheader").first()).not.toHaveText(first ?? "");
  await members.getByRole("link", { name: "Previous" }).click();
  await expect(members.getByRole("rowheader").first()).toHaveText(first ?? "");
  await members.getByLabel("Search").fill("nobody at all");
  await members.getByRole("button", { name: "Search" }).click();
  await expect(members.getByText("No member matches")).toBeVisible();
  await members.getByRole("link", { name: "Show all members" }).click();
  await members.getByRole("rowheader").getByRole("link").first().click();
  await expect(page.getByRole("region", { name: "Account" }).getByRole("link", { name: "Engineering" })).toBeVisible();
  await page.getByRole("region", { name: "Account" }).getByRole("link", { name: "Engineering" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Engineering" })).toBeVisible();
});

test("an entry about a group links to it", async () => {
  const { page } = admin;
  await page.getByRole("region", { name: "History" }).getByRole("link", { name: "Create" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Create: Engineering" })).toBeVisible();
  await page.getByRole("link", { name: "Open group" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Engineering" })).toBeVisible();
});

test("a failure in Provisioning Logs is explained", async () => {
  const { page } = admin;
  await choose(admin, "Provisioning Logs");
  await admin.look("logs");
  await page.getByLabel("Status").selectOption("Failure");
  await expect(page).toHaveURL(/status=Failure/);
  await expect(page.getByRole("cell", { name: "Success" })).toHaveCount(0);
  await page.getByRole("rowheader").getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "What went wrong" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "What to do" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Troubleshooting & Recommendations" })).toContainText("30 characters");
  await expect(page.getByRole("region", { name: "Summary" })).toContainText("invalidValue");
  await admin.look("log-entry");
});

test("once the userName limit is raised, the next cycle provisions the rest", async () => {
  test.setTimeout(180_000);
  const { page } = admin;
  await openProvisioning();
  await page.getByLabel("Maximum length").fill("120");
  await page.getByRole("button", { name: "Save limit" }).click();
  await expect(page.getByText("may not exceed 120 characters")).toBeVisible();
  const { code, report } = await provision(secret, "--verify");
  expect(report.verify?.differences).toEqual([]);
  expect(code).toBe(0);
});

test("a rotated token works beside the new one for the overlap", async () => {
  const { page } = admin;
  await openProvisioning();
  await page.getByRole("link", { name: "Rotate Entra production" }).click();
  const dialog = page.getByRole("dialog", { name: /^Rotate/ });
  await expect(dialog).toBeVisible();
  await admin.look("rotate");
  await dialog.getByLabel("The old token works for another").selectOption({ label: "24 hours" });
  await dialog.getByRole("button", { name: "Rotate token" }).click();
  newSecret = await page.getByRole("textbox", { name: "Secret Token" }).inputValue();
  expect(newSecret).not.toBe(secret);
  await expect(page.getByRole("row", { name: /Rotating out/ })).toBeVisible();
  await admin.look("token-rotated");
  expect(await statusWith(secret)).toBe(200);
  expect(await statusWith(newSecret)).toBe(200);
});

test("a revoked token is refused on the next request", async () => {
  const { page } = admin;
  await openProvisioning();
  await page.getByRole("row", { name: /Rotating out/ }).getByRole("link", { name: /^Revoke/ }).click();
  const dialog = page.getByRole("dialog", { name: /^Revoke/ });
  await expect(dialog).toContainText("It was last used on");
  await admin.look("revoke");
  await dialog.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.getByRole("row", { name: /Revoked/ })).toBeVisible();
  expect(await statusWith(secret)).toBe(401);
  expect(await statusWith(newSecret)).toBe(200);
});

test("with the IDP option off again, the endpoint refuses requests and users are added manually", async () => {
  const { page } = admin;
  await openProvisioning();
  await letIdpManage(admin, false);
  expect(await statusWith(newSecret)).toBe(403);
  await choose(admin, "Manage Users");
  await expect(page.getByRole("link", { name: "Add User" })).toBeVisible();
  await signOut(admin);
});

async function openProvisioning(): Promise<void> {
  await admin.goto("/settings/security/provisioning");
  await expect(admin.page.getByRole("heading", { level: 1, name: "Provision & Integration" })).toBeVisible();
}

async function statusWith(token: string): Promise<number> {
  const response = await fetch(`${server.tenantUrl}/Users?count=1`, { headers: { authorization: `Bearer ${token}` } });
  return response.status;
}

function clipboard(): Promise<string> {
  return admin.page.evaluate(() => navigator.clipboard.readText());
}

type Report = {
  objects: { provisioningStatusInfo: { status: string } }[];
  verify: { differences: unknown[] } | null;
};

/** One cycle of the stand-in for Entra, over the whole sample. */
async function provision(token: string, ...options: string[]): Promise<{ code: number; report: Report }> {
  const path = server.file("report.json");
  const sample = ["--users", `${SAMPLE}/users.day1.graph.json`, "--groups", `${SAMPLE}/groups.day1.graph.json`];
  const files = ["--state", server.file("state.json"), "--report", path];
  const { code, stdout, stderr } = await server.run(
    ["simulate", "--url", server.tenantUrl, "--concurrency", "8", ...sample, ...files, ...options],
    { ROLLCALL_SIMULATE_TOKEN: token },
  );
  console.log(stdout + stderr);
  return { code, report: JSON.parse(await readFile(path, "utf8")) as Report };
}
