// The libraries whose code is in the bundles, each with its licence, as their licences ask for.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @param {Iterable<import('webpack').Compilation>} compilations
 * @returns {string} the text of dist/THIRD_PARTY_LICENSES.txt
 */
export function thirdPartyLicenses(compilations) {
  const folders = new Set();
  for (const compilation of compilations) {
    for (const module of compilation.modules) {
      for (const part of module.modules ?? [module]) {
        // The innermost package, where one brings its own copy of another.
        const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(part.resource ?? '')?.[0];
        if (folder) folders.add(folder);
      }
    }
  }
  // Packages that come under the same words share them: most differ in their copyright line alone.
  const byText = new Map();
  for (const { title, text } of [...folders].map(packageOf)) {
    byText.set(text, (byText.get(text) ?? new Set()).add(title));
  }
  const sections = [...byText].map(([text, titles]) => `${[...titles].sort().join('\n')}\n\n${text}\n`);
  return `Handshake Inspector contains code of these packages.\n\n${sections.sort().join('\n')}`;
}

function packageOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text = file ? readFileSync(path.join(folder, file), 'utf8').trim() : `Licence: ${license}`;
  return { title: `--- ${name} ${version} (${license})`, text: text.replaceAll('\r\n', '\n') };
}
