import { assumptionLines } from '../../codegen/inventory.ts'
import type { InventoryReport } from './report.ts'
import { evidenceText } from './report.ts'

const anchor = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')
const link = (name: string): string => `[${name}](#${anchor(name)})`

/** The report as a page of Markdown: properties first, each with what it rests on, then the assumptions in full. */
export const reportMarkdown = (r: InventoryReport): string => {
  const about = r.property === undefined ? r.about : `${r.property} of ${r.about}`
  const lines = [
    `# What ${about} rests on`,
    '',
    `${r.assumptions.length} assumptions under ${r.properties.length} properties. Nothing here is proved: an assumption is what has to be believed, with what happens where it is wrong.`,
    '',
    '## Properties',
    '',
  ]
  for (const p of r.properties)
    lines.push(
      `### ${p.name}`,
      '',
      p.statement,
      '',
      `- **Held by**: ${p.heldBy.map(evidenceText).join(', ')}`,
      ...(p.restsOn.length === 0 ? [] : [`- **Rests on properties**: ${p.restsOn.map(link).join(', ')}`]),
      `- **Rests on assumptions**: ${p.assumptions.length === 0 ? 'none' : p.assumptions.map(link).join(', ')}`,
      '',
    )
  lines.push('## Assumptions', '')
  for (const a of r.assumptions)
    lines.push(
      `### ${a.id}`,
      '',
      `- **Kind**: ${a.kind}`,
      ...assumptionLines(a),
      `- **Without it**: ${a.properties.map(link).join(', ')}`,
      '',
    )
  return `${lines.join('\n').trimEnd()}\n`
}
