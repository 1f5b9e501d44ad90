"""The residents' client: install its packages, build it, check it, test it, generate its types.

`python -m bin.client build` (demo and tests), `release [h5|mp-weixin]`, `check`, `test`, `types`.
Whatever is there already and still right is left alone: a build is remembered with the SHA-256 of
what it was made from. The app id, the API's address and the name come from the environment.
"""

import hashlib
import ipaddress
import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bin import node

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "miniprogram"
MODULES = CLIENT / "node_modules"
BUILD, RELEASE = CLIENT / "dist" / "build", CLIENT / "dist" / "release"
SCHEMA = CLIENT / "src" / "api" / "schema.d.ts"

PLATFORMS = {"h5": "browsers", "mp-weixin": "WeChat"}
MADE = {"h5": "index.html", "mp-weixin": "project.config.json"}
"""The file of a finished build by which it is recognised."""
NO_SOURCE = {"dist", "node_modules", "tests"}
NAME = "幸福家园"

NO_PACKAGES = (
    "the client's packages could not be fetched; npm's last words stand above. A network "
    "connection to npm's registry is needed once, or a mirror: npm config set registry URL."
)
NO_BUILD = "the client could not be built; the compiler's last words stand above."


@dataclass(frozen=True, slots=True)
class District:
    """What a build takes from the environment; the defaults are for demo and tests."""

    app_id: str = "touristappid"
    api_base: str = "http://127.0.0.1:8000"
    name: str = NAME

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "District":
        """From WX_APPID, API_BASE (else PUBLIC_URL) and APP_NAME."""
        given = {
            "app_id": environ.get("WX_APPID"),
            "api_base": (environ.get("API_BASE") or environ.get("PUBLIC_URL", "")).rstrip("/"),
            "name": environ.get("APP_NAME"),
        }
        return cls(**{name: value for name, value in given.items() if value})

    def used_by(self, platform: str) -> dict[str, str]:
        """What of it goes into a build; a browser's API is where the page came from."""
        return {"name": self.name} if platform == "h5" else asdict(self)


def install() -> None:
    """`npm ci`, unless the packages that are there are those of package-lock.json."""
    if not _installed():
        what = "Fetching the client's packages (about a minute the first time)"
        node.run(what, ["npm", "ci"], cwd=CLIENT, sorry=NO_PACKAGES)


def _installed() -> bool:
    """Held against the list npm leaves in node_modules, as its last act, of what it put there."""
    listed = MODULES / ".package-lock.json"
    if not listed.exists():
        return False
    there = json.loads(listed.read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((CLIENT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, package in wanted.items():
        missing = name not in there and not package.get("optional")
        other = name in there and there[name].get("version") != package.get("version")
        if name and (missing or other):
            return False
    return True


def sources() -> str:
    """The SHA-256 of everything a build is made from, by name and content."""
    summed = hashlib.sha256()
    files = [path for path in CLIENT.iterdir() if path.is_file()]
    for folder in CLIENT.iterdir():
        if folder.is_dir() and folder.name not in NO_SOURCE:
            files += [path for path in folder.rglob("*") if path.is_file()]
    for path in [*sorted(files), ROOT / "bin" / "client.py", ROOT / "bin" / "finish.mjs"]:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        summed.update(f"{path.relative_to(ROOT)} {content}\n".encode())
    return summed.hexdigest()


def build(platform: str, district: District | None = None, into: Path = BUILD) -> None:
    """Build for `platform` unless that has been done; without `district` any one's will do."""
    wanted: dict[str, object] = {"sources": sources()}
    if district:
        wanted["district"] = district.used_by(platform)
    if wanted.items() <= known(platform, into).items():
        return
    install()
    district, note = district or District(), into / f"{platform}.json"
    note.unlink(missing_ok=True)
    _compile(platform, district, into / platform)
    finish = {"h5": _finish, "mp-weixin": _write_district}[platform]
    finish(into / platform, district)
    made = (into / platform / MADE[platform]).stat().st_mtime_ns
    noted = wanted | {"district": district.used_by(platform), "made": made}
    _write_json(note, noted)


def known(platform: str, into: Path = BUILD) -> dict[str, object]:
    """What was noted of the build that is there; nothing of one that was not made here."""
    note, made = into / f"{platform}.json", into / platform / MADE[platform]
    if not (note.exists() and made.exists()):
        return {}
    noted: dict[str, object] = json.loads(note.read_text(encoding="utf-8"))
    return noted if noted["made"] == made.stat().st_mtime_ns else {}


def _compile(platform: str, district: District, into: Path) -> None:
    node.run(
        f"Building the client for {PLATFORMS[platform]}",
        ["npm", "run", f"build:{platform}"],
        cwd=CLIENT,
        sorry=NO_BUILD,
        UNI_OUTPUT_DIR=str(into),
        VITE_API_BASE=district.used_by(platform).get("api_base", ""),
        VITE_APP_NAME=district.name,
        CI="true",  # else uni-app's compiler reports each build to its maker
    )


def _finish(folder: Path, _district: District) -> None:
    node.run(
        "Compressing what was built",
        ["node", str(ROOT / "bin" / "finish.mjs"), str(folder)],
        cwd=CLIENT,
        sorry=NO_BUILD,
    )


def _write_district(folder: Path, district: District) -> None:
    """Write the app id and the name where WeChat and its tools read them."""
    project = folder / "project.config.json"
    config = json.loads(project.read_text(encoding="utf-8"))
    _write_json(project, config | {"appid": district.app_id, "projectname": district.name})
    for config_file in folder.rglob("*.json"):
        text = config_file.read_text(encoding="utf-8")
        config_file.write_text(text.replace(NAME, district.name), encoding="utf-8")


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def wrong_for_release(district: District) -> list[str]:
    """What WeChat would not take, a sentence each."""
    wrong = []
    if not re.fullmatch(r"wx[0-9a-f]{16}", district.app_id):
        wrong.append(
            "WX_APPID: set it to the mini-program's AppID, wx and 16 letters or digits "
            "(mp.weixin.qq.com: 开发管理, 开发设置)."
        )
    address = urlsplit(district.api_base)
    if address.scheme != "https" or not _is_domain(address.hostname or "") or address.path:
        wrong.append(
            "API_BASE: set it to the server's address as residents reach it, https:// and a "
            "domain name with nothing behind it; WeChat calls no other."
        )
    return wrong


def _is_domain(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return False


def release(platforms: list[str]) -> None:
    """Build for a district into dist/release, with its own settings or not at all."""
    district = District.of(os.environ)
    if unknown := set(platforms) - set(PLATFORMS):
        node.stop(f"the client is built for {' or '.join(PLATFORMS)}, not for {unknown.pop()}.")
    if "mp-weixin" in platforms and (wrong := wrong_for_release(district)):
        told = "\n  ".join(wrong)
        node.stop(f"settings for the mini-program are missing:\n  {told}\n"
                  "For browsers alone nothing is needed: make client ARGS=h5")  # fmt: skip
    for platform in platforms:
        build(platform, district, RELEASE)
        print(f"{(RELEASE / platform).relative_to(ROOT)}: for {PLATFORMS[platform]}")
    print("What to do with it: docs/operating.md (browsers), docs/wechat-release.md (WeChat).")


def types(into: Path = SCHEMA) -> None:
    """Generate the types of the API from its OpenAPI document."""
    install()
    from backend.commands.openapi import document

    generator = MODULES / "openapi-typescript" / "bin" / "cli.js"
    with tempfile.TemporaryDirectory() as scratch:
        written = Path(scratch) / "openapi.json"
        written.write_text(document(), encoding="utf-8")
        node.run(
            "Generating the API's types",
            ["node", str(generator), str(written), "-o", str(into), "--alphabetize"],
            cwd=CLIENT,
            sorry="the types could not be generated; the generator's words stand above.",
        )


def script(name: str, what: str) -> int:
    """Run one of package.json's scripts, shown as it goes."""
    install()
    return node.show(what, ["npm", "run", "--silent", name], cwd=CLIENT)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["build"]:
            for platform in PLATFORMS:
                build(platform, District.of(os.environ))
        case ["release", *platforms]:
            release(platforms or list(PLATFORMS))
        case ["check"]:
            return script("check", "Check the client (vue-tsc, eslint)")
        case ["test"]:
            return script("test", "Test the client (vitest)")
        case ["types"]:
            types()
        case _:
            node.stop("client.py build | release [h5|mp-weixin] | check | test | types")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
