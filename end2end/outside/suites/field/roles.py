"""PATCH of roles, which Entra sends in several forms."""

import json

from suites.field.scim import CLIENT, OPTIONAL, Scim, expect, op, report, values


@report(
    "https://github.com/MicrosoftDocs/entra-docs/issues/391",
    CLIENT,
    "Entra: customize application attributes: SingleAppRoleAssignment",
)
def primary_role(scim: Scim) -> None:
    """Roles are selected by roles[primary eq "True"].value."""
    user = scim.user()
    after = scim.patch_and_read(
        user,
        op("Add", 'roles[primary eq "True"].value', "Admin"),
        op("Add", 'roles[primary eq "True"].type', "WindowsAzureActiveDirectoryRole"),
    )
    expect(
        after["roles"] == [{"value": "Admin", "type": "WindowsAzureActiveDirectoryRole", "primary": True}],
        "one role",
        after.get("roles"),
    )
    after = scim.patch_and_read(user, op("Replace", 'roles[primary eq "True"].value', "User"))
    expect(values(after, "roles") == ["User"], "replaced", after.get("roles"))
    after = scim.patch_and_read(user, op("Remove", "roles[primary eq true].value"))
    expect(not any(r.get("value") for r in after.get("roles", [])), "removed", after.get("roles"))


@report(
    "https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/516",
    OPTIONAL,
    "Entra: customize application attributes; kept as text, or read as {value, display}",
)
def roles_as_json_text(scim: Scim) -> None:
    """Entra's AppRoleAssignmentsComplex puts a JSON document into value."""
    user = scim.user()

    def text(name: str) -> str:
        return json.dumps({"id": "827f0d2e-be15-4d8f-a8e3-f8697239c112", "value": name, "displayName": f"{name} D"})

    after = scim.patch_and_read(user, op("Add", "roles", [{"value": text("Admin")}, {"value": text("Reader")}]))
    expect(len(after["roles"]) == 2, "two roles", after)
    expect(values(after, "roles") == ["Admin", "Reader"], "value Admin, Reader", after["roles"])


@report("https://github.com/MicrosoftDocs/entra-docs/issues/215", CLIENT, "Entra: customize application attributes")
def roles_in_two_shapes(scim: Scim) -> None:
    """Entra's POST and PATCH of roles differ: type and primary in one, id and displayName in the other."""
    user = scim.user(
        roles=[
            {
                "primary": False,
                "type": "WindowsAzureActiveDirectoryRole",
                "display": "Admin",
                "displayName": "Admin",
                "value": "Admin",
            }
        ]
    )
    after = scim.patch_and_read(
        user,
        op(
            "add", "roles", [{"id": "06b07648-ecfe-589f-9d2f-6325724a46ee", "value": "Editor", "displayName": "Editor"}]
        ),
    )
    expect(
        values(after, "roles") == ["Admin", "Editor"] and not any("id" in r for r in after["roles"]),
        "both, without undefined sub-attributes",
        after["roles"],
    )
