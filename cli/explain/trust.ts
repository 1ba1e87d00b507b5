import type { TrustReport } from '../../verify/trust.ts'
import type { Colors } from '../output.ts'

const standings = { meaning: 'is the meaning', checks: 'checks every compile', tested: 'tested, not checked' } as const

/** How much code has to be right, in a table. */
export const trustText = (r: TrustReport, c: Colors): readonly string[] => {
  const width = Math.max(...r.groups.map((g) => g.role.length))
  return [
    c.bold('Trust'),
    ...r.groups.map(
      (g) =>
        `  ${g.role.padEnd(width)}  ${g.lines.toLocaleString('en-US').padStart(6)} lines  ${c.dim(standings[g.standing])}`,
    ),
    `  ${r.trusted.toLocaleString('en-US')} lines say what is right or check it; ${r.untrusted.toLocaleString('en-US')} lines of passes need no trust`,
  ]
}
