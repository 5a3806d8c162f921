// Every form works without scripts.
import { choose, letIdpManage, setUp, signIn, signOut } from "../support/admin.ts";
import { Server } from "../support/server.ts";
import { expect, test, Visitor } from "../support/test.ts";

test.describe.configure({ mode: "serial" });

let server: Server;
let admin: Visitor;

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  admin = await Visitor.open(browser, server.url, { javaScriptEnabled: false });
});

test.afterEach(() => admin.checkQuiet());

test.afterAll(async () => {
  await admin?.close();
  await server?.stop();
});

test("set-up, sign-out and sign-in work", async () => {
  const { page } = admin;
  await admin.goto(server.setUpLink());
  await setUp(admin);
  await expect(page.getByRole("heading", { level: 1, name: "Manage Users" })).toBeVisible();
  await signOut(admin);
  await signIn(admin, "not the password at all");
  await expect(page.getByText(/e-mail.*password/i).first()).toBeVisible();
  await signIn(admin);
  await expect(page.getByRole("heading", { level: 1, name: "Manage Users" })).toBeVisible();
});

test("the IDP option is set, a token generated, rotated and revoked", async () => {
  const { page } = admin;
  await choose(admin, "Security");
  await page.getByRole("link", { name: "Configure Now" }).click();
  await letIdpManage(admin, true);
  await page.getByLabel("Token name").fill("Spare");
  await page.getByRole("button", { name: "GENERATE TOKEN" }).click();
  const secret = await page.getByRole("textbox", { name: "Secret Token" }).inputValue();
  expect(secret).toMatch(/^rollcall_scim_/);
  const response = await page.request.get("/v2/scim/Users", { headers: { authorization: `Bearer ${secret}` } });
  expect(response.status()).toBe(200);

  await page.getByRole("link", { name: "Rotate Spare" }).click();
  await page.getByLabel("The old token works for another").selectOption({ label: "1 hour" });
  await page.getByRole("button", { name: "Rotate token" }).click();
  expect(await page.getByRole("textbox", { name: "Secret Token" }).inputValue()).not.toBe(secret);

  await page.getByRole("row", { name: /Rotating out/ }).getByRole("link", { name: /^Revoke/ }).click();
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.getByRole("row", { name: /Revoked/ })).toBeVisible();
});

test("the connection is checked, and the page refreshed manually", async () => {
  test.setTimeout(150_000);
  const { page } = admin;
  await choose(admin, "Security");
  await page.getByRole("button", { name: "Check this connection" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Connection check" })).toBeVisible();
  await page.getByRole("link", { name: "Refresh" }).click();
  await expect
    .poll(async () => {
      await admin.goto("/settings/security/check");
      return page.getByRole("main").getByRole("heading", { level: 2 }).first().textContent();
    }, { timeout: 120_000 })
    .toBe("Readiness score: 100%");
});

test("a user is added and deleted", async () => {
  const { page } = admin;
  await admin.goto("/settings/security/provisioning");
  await letIdpManage(admin, false);
  await choose(admin, "Manage Users");
  await page.getByRole("link", { name: "Add User" }).click();
  await page.getByLabel("userName").fill("grace@contoso.example");
  await page.getByRole("button", { name: "Add User" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("grace");
  await page.getByRole("link", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete user" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Manage Users" })).toBeVisible();
});
