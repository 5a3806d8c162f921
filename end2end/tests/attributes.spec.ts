// Custom attributes: an admin defines an extension schema, the identity provider sends a value, and the admin sees it.
import { choose, letIdpManage, setUp } from "../support/admin.ts";
import { Server } from "../support/server.ts";
import { expect, test, Visitor } from "../support/test.ts";

const ACME = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";

test.describe.configure({ mode: "serial" });

let server: Server;
let admin: Visitor;
let secret: string;

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  admin = await Visitor.open(browser, server.url, { permissions: ["clipboard-read", "clipboard-write"] });
  await admin.goto(server.setUpLink());
  await setUp(admin);
});

test.afterEach(() => admin.checkQuiet());

test.afterAll(async () => {
  await admin?.close();
  await server?.stop();
});

test("a schema and its attributes are defined in Group Settings", async () => {
  const { page } = admin;
  admin.expect(/422 .*create-schema/);
  await choose(admin, "Group Settings");
  await page.getByRole("link", { name: "Open Custom attributes" }).click();
  await expect(page.getByText("No custom attributes yet")).toBeVisible();
  await admin.look("attributes-empty");
  await page.getByLabel("Name", { exact: true }).fill("enterprise");
  await page.getByRole("button", { name: "Add schema" }).click();
  await expect(page.getByText(/built-in/)).toBeVisible();
  await admin.look("attributes-refused");
  await page.getByLabel("Name", { exact: true }).fill("acme");
  await page.getByLabel("Description").fill("Attributes of the Acme building.");
  await page.getByRole("button", { name: "Add schema" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "acme" })).toBeVisible();
  await expect(page.getByLabel("URN", { exact: true })).toHaveValue(ACME);
  await page.getByLabel("Name", { exact: true }).fill("badge");
  await page.getByLabel("Unique", { exact: true }).selectOption("server");
  await page.getByRole("button", { name: "Add attribute" }).click();
  await expect(page.getByRole("rowheader", { name: /badge/ })).toBeVisible();
  await admin.look("attributes-one");
  await page.getByRole("link", { name: "Edit badge" }).click();
  await expect(page.getByLabel("Path", { exact: true })).toHaveValue(`${ACME}:badge`);
  await page.getByRole("button", { name: "Copy Path" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(`${ACME}:badge`);
  await admin.look("attributes-edit");
});

test("the user's page shows the value from the identity provider", async () => {
  const { page } = admin;
  await choose(admin, "Group Settings");
  await page.getByRole("link", { name: "Open Security" }).click();
  await page.getByRole("link", { name: "Configure Now" }).click();
  await letIdpManage(admin, true);
  await page.getByLabel("Token name").fill("Entra");
  await page.getByRole("button", { name: "GENERATE TOKEN" }).click();
  secret = await page.getByLabel("Secret Token").inputValue();
  const created = await fetch(`${server.url}/v2/scim/Users`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/scim+json" },
    body: JSON.stringify({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User", ACME],
      userName: "ana@contoso.com",
      displayName: "Ana Ruiz",
      [ACME]: { badge: "A-4711" },
    }),
  });
  expect(created.status).toBe(201);
  await choose(admin, "Manage Users");
  await page.getByRole("link", { name: /Ana Ruiz|ana@contoso.com/ }).first().click();
  const section = page.getByRole("region", { name: "acme" });
  await expect(section.getByText("A-4711")).toBeVisible();
  await expect(section.getByText(`${ACME}:badge`)).toBeVisible();
});

test("deleting says how many users lose a value", async () => {
  const { page } = admin;
  await admin.goto(`/settings/attributes/${ACME}`);
  await page.getByRole("link", { name: "Delete schema" }).click();
  await expect(page.getByText("1 user has a value for it. The value will be deleted, too.")).toBeVisible();
  await admin.look("attributes-delete");
  await page.getByRole("button", { name: "Delete schema" }).click();
  await expect(page.getByText("No custom attributes yet")).toBeVisible();
});
