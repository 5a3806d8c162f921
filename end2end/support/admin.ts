// Common actions of administrators.
import type { Server } from "./server.ts";
import { expect, type Visitor } from "./test.ts";

export const COMPANY = "Contoso";
export const ADMIN = { name: "Ada Admin", email: "ada@contoso.example", password: "correct horse battery staple" };

/** Creates the company and its admin on the command line. */
export async function makeAdmin(server: Server): Promise<void> {
  const made = await server.run(
    ["admin", "create", "--company", COMPANY, "--email", ADMIN.email, "--name", ADMIN.name],
    {},
    `${ADMIN.password}\n`,
  );
  expect(made.code, made.stderr).toBe(0);
}

export async function setUp({ page }: Visitor): Promise<void> {
  await page.getByLabel("Company").fill(COMPANY);
  await page.getByLabel("Your name").fill(ADMIN.name);
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Create account" }).click();
}

export async function signIn({ page }: Visitor, password = ADMIN.password): Promise<void> {
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export async function signOut({ page }: Visitor): Promise<void> {
  await page.getByLabel(`Account of ${ADMIN.name}`).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

/** Opens a page with the side menu. */
export async function choose(visitor: Visitor, item: string): Promise<void> {
  await visitor.page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: item }).click();
  await expect(visitor.page.getByRole("heading", { level: 1, name: item })).toBeVisible();
}

/** Switches the option on the page Provision & Integration, which has to be open. */
export async function letIdpManage({ page }: Visitor, on: boolean): Promise<void> {
  const option = page.getByLabel("Create and manage user accounts through IDP");
  await option.setChecked(on);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("region", { name: "Account management" }).getByText(on ? "On" : "Off", { exact: true })).toBeVisible();
}
