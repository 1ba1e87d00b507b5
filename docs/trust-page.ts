import type { TrustGroup } from '../verify/trust.ts'
import { trustReport } from '../verify/trust.ts'

/** What each role rests on, in words; the counts come from the files. */
const words: Readonly<Record<TrustGroup['standing'], string>> = {
  meaning: 'believed: it says what is right',
  checks: 'believed: it decides on every compile or every answer',
  tested: 'compared with the meaning by tests',
}
const begin = '<!-- lines: npm run docs -->\n'
const end = '<!-- end of lines -->'

/** The table of `docs/trust.md`: Quoin's own code by what has to be believed of it, the largest first. */
export const trustTable = (): string => {
  const { groups, trusted, untrusted } = trustReport()
  const rows = groups
    .toSorted((a, b) => b.lines - a.lines)
    .map((g) => `| ${g.role} | ${g.lines} | ${words[g.standing]} |`)
  return [
    '| code | lines | standing |',
    '|---|---|---|',
    ...rows,
    `| **believed in all** | **${trusted}** | meaning and checks |`,
    `| passes | ${untrusted} | nobody has to believe them: a checker judges what they did |`,
    '',
  ].join('\n')
}
/** The page with the table of now. */
export const withTable = (page: string): string =>
  page.replace(new RegExp(`${begin}[\\s\\S]*?${end}`), `${begin}\n${trustTable()}\n${end}`)
/** The counts that a page tells, by role. */
export const toldIn = (page: string): ReadonlyMap<string, number> =>
  new Map([...page.matchAll(/^\| \**([^|*]+?)\** \| \**(\d+)\** \|/gm)].map((m) => [m[1]!, Number(m[2])]))
