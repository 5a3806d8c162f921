// Makes the portal's assets of what is built: a name that bears a hash of the content, so that browsers may keep it for ever,
// and beside each file its compressed forms.
//
//   node scripts/assets.mjs BUILT SITE    the files in BUILT and in public become SITE
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const [built, site] = process.argv.slice(2);
const made = `${site}.new`;

async function write(name, content) {
  const brotli = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }; // the best quality is the default
  await Promise.all([
    writeFile(join(made, name), content),
    promisify(brotliCompress)(content, brotli).then((small) => writeFile(join(made, `${name}.br`), small)),
    promisify(gzip)(content, { level: 9 }).then((small) => writeFile(join(made, `${name}.gz`), small)),
  ]);
}

await rm(made, { recursive: true, force: true });
await mkdir(join(made, 'pkg'), { recursive: true });
for (const kind of ['css', 'js', 'wasm']) {
  const content = await readFile(join(built, `rollcall.${kind}`));
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  await write(`pkg/rollcall.${hash}.${kind}`, content);
}
for (const name of await readdir('public')) {
  await write(name, await readFile(join('public', name)));
}
await rm(site, { recursive: true, force: true });
await rename(made, site);
