// "Check this connection": its progress, its results after a reload, and failures.
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
  await admin.goto("/sign-in");
  await signIn(admin);
  await expect(admin.page.getByRole("heading", { level: 1, name: "Manage Users" })).toBeVisible();
});

test.afterEach(() => admin.checkQuiet());

test.afterAll(async () => {
  await admin?.close();
  await server?.stop();
});

test("without a check the page says what it does", async () => {
  await admin.goto("/settings/security/check");
  await expect(admin.page.getByText("No recent check")).toBeVisible();
  await admin.look("check-none");
});

test("a check is started on the Security page, followed, and ends with 100%", async () => {
  test.setTimeout(150_000);
  const { page } = admin;
  await choose(admin, "Security");
  await page.getByRole("button", { name: "Check this connection" }).click();
  await expect(page).toHaveURL(/security\/check$/);
  await expect(page.getByRole("progressbar", { name: "Completed tests" })).toBeVisible();
  await expect(page.getByText(/^\d+ of \d+ tests$/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Refresh" })).toBeHidden();
  // The server keeps the progress, so another visit shows it.
  await admin.goto("/settings/security/check");
  await expect(page.getByRole("heading", { name: "Readiness score: 100%" })).toBeVisible({ timeout: 120_000 });
  await expect(page.getByRole("region", { name: "What this covers" })).toContainText("Requests from the server itself to this URL reach this server.");
  await expect(page.getByRole("region", { name: "Failed tests" })).toHaveCount(0);
  await admin.look("check-passed");
});

test("the report is downloaded", async () => {
  const { page } = admin;
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "JUnit" }).click();
  expect((await download).suggestedFilename()).toBe("connection-check.xml");
});

test("the journal has entries about the check, but not of its requests", async () => {
  const { page } = admin;
  await choose(admin, "Provisioning Logs");
  await expect(page.getByRole("rowheader").filter({ hasText: "Connection check" })).toHaveCount(2);
  await expect(page.getByRole("rowheader").filter({ hasText: /^rc/ })).toHaveCount(0);
  await choose(admin, "Security");
  await expect(page.getByText("100%")).toBeVisible();
  await admin.look("security-checked");
});

test("running and failed checks are shown in every layout", async () => {
  const { page } = admin;
  // The server passes all tests, so the responses are replaced.
  let shown = running();
  await page.route("**/api/connection-check", (route) => route.fulfill({ json: shown }));
  await page.getByRole("link", { name: "Open the last check" }).click();
  await expect(page.getByText("118 of 237 tests, 1 failed")).toBeVisible();
  await admin.look("check-running");
  shown = { ...running(), stage: { Finished: { at: NOW, score: 99, requests: 1134 } }, skips: SKIPS };
  await expect(page.getByRole("heading", { name: "Readiness score: 99%" })).toBeVisible();
  await expect(page.getByText("In Microsoft Entra")).toBeVisible();
  await admin.look("check-failed");
  shown = { ...running(), stage: { BrokenOff: { at: NOW, why: "It took longer than it may." } } };
  await choose(admin, "Security");
  await page.getByRole("link", { name: "Open the last check" }).click();
  await expect(page.getByRole("heading", { name: "The check was stopped" })).toBeVisible();
  await admin.look("check-broken-off");
});

const NOW = "2026-11-26T07:00:00Z";
const SKIPS = [{ reason: "ServiceProviderConfig does not declare sort.supported", tests: ["sorting.ascending", "sorting.descending"] }];

function running(): Record<string, unknown> {
  return {
    by: ADMIN.email,
    started: NOW,
    stage: "Running",
    total: 237,
    areas: [
      { name: "discovery", passed: 13, failed: 0, skipped: 0 },
      { name: "patch", passed: 102, failed: 1, skipped: 2 },
    ],
    failures: [
      {
        name: "patch.atomic",
        title: "A PATCH is done whole or not at all",
        requirement: "RFC 7644 §3.5.2",
        what: "the request was refused, but it changed the resource",
        meaning: "People are left half changed.",
        exchange: [
          "> PATCH http://127.0.0.1:3000/v2/scim/Users/018f3b0a-7c1e-7000-8000-00000000000a",
          "> Authorization: Bearer …",
          `> {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"x"}]}`,
          "< 400",
          "< content-type: application/scim+json",
        ],
      },
    ],
    skips: [],
    address: "http://127.0.0.1:3000/v2/scim",
    front: { url: "https://rollcall.example/v2/scim", problem: "it answers 502" },
  };
}
