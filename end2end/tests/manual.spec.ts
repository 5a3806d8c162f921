// Without an identity provider users are added, edited, deactivated and deleted in the portal.
import { ADMIN, choose, makeAdmin, signIn } from "../support/admin.ts";
import { Server } from "../support/server.ts";
import { expect, test, Visitor } from "../support/test.ts";

test.describe.configure({ mode: "serial" });

let server: Server;
let admin: Visitor;

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  await makeAdmin(server);
  admin = await Visitor.open(browser, server.url);
});

test.afterEach(() => admin.checkQuiet());

test.afterAll(async () => {
  await admin?.close();
  await server?.stop();
});

test("the error for a wrong password does not say which part was wrong", async () => {
  const { page } = admin;
  await admin.goto("/users");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  admin.expect(/Failed to load resource.*40[13]/);
  await signIn(admin, "not the password at all");
  await expect(page.getByRole("alert")).toContainText(/e-mail.*password/i);
  await admin.look("sign-in-refused");
  await signIn(admin);
  await expect(page.getByRole("heading", { level: 1, name: "Manage Users" })).toBeVisible();
});

test("a user is added", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: "Add User" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Add User" })).toBeVisible();
  await admin.look("add-user");
  await page.getByLabel("userName").fill("grace@contoso.example");
  await page.getByLabel("Given name").fill("Grace");
  await page.getByLabel("Family name").fill("Hopper");
  await page.getByLabel("Display name").fill("Grace Hopper");
  await page.getByLabel("Work e-mail").fill("grace@contoso.example");
  await page.getByRole("button", { name: "Add User" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Grace Hopper" })).toBeVisible();
});

test("a second user with the same userName is refused at the field", async () => {
  const { page } = admin;
  await admin.goto("/users/new");
  admin.expect(/Failed to load resource.*4\d\d/);
  await page.getByLabel("userName").fill("GRACE@contoso.example");
  await page.getByRole("button", { name: "Add User" }).click();
  await expect(page.getByLabel("userName")).toHaveAttribute("aria-invalid", "true");
  await admin.look("add-user-refused");
});

test("the user is found, edited, and the history says what changed", async () => {
  const { page } = admin;
  await choose(admin, "Manage Users");
  await page.getByLabel("Search").fill("hopp");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/q=hopp/);
  await page.getByRole("link", { name: "grace@contoso.example" }).click();
  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Edit Grace Hopper" })).toBeVisible();
  await admin.hydrated();
  await admin.look("edit-user");
  await page.getByLabel("Title").fill("Rear Admiral");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Grace Hopper" })).toBeVisible();
  await expect(page.getByRole("region", { name: "History" })).toContainText("Rear Admiral");
  await expect(page.getByRole("region", { name: "History" })).toContainText(ADMIN.email);
});

test("the user is deactivated, and found as inactive", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: "Deactivate" }).click();
  const dialog = page.getByRole("dialog", { name: /^Deactivate/ });
  await admin.look("deactivate");
  await dialog.getByRole("button", { name: "Deactivate" }).click();
  await expect(page.getByRole("button", { name: "Activate" })).toBeVisible();
  await admin.look("user-inactive");
  await choose(admin, "Manage Users");
  await page.getByLabel("State").selectOption("Inactive");
  await expect(page).toHaveURL(/state=inactive/);
  await page.getByRole("link", { name: "grace@contoso.example" }).click();
});

test("the user is deleted, and the log has an entry", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: /^Delete/ });
  await expect(dialog).toContainText("cannot be undone");
  await dialog.getByRole("button", { name: "Delete user" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Manage Users" })).toBeVisible();
  await expect(page.getByText("grace@contoso.example")).toHaveCount(0);
  await choose(admin, "Provisioning Logs");
  await page.getByLabel("Action").selectOption("Delete");
  await expect(page).toHaveURL(/action=Delete/);
  // The previous rows stay until the new ones are loaded.
  const entries = page.getByRole("row", { name: /grace@contoso.example/ });
  await expect(entries).toHaveCount(1);
  await expect(entries).toContainText("Delete");
});

test("an unknown path shows Page not found", async () => {
  const { page } = admin;
  admin.expect(/Failed to load resource.*404/);
  await admin.goto("/nowhere");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await admin.look("not-found");
});
