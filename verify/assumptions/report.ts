import type { InventoryEntry } from '../../runtime/assumption.ts'
import type { Evidence } from '../../runtime/properties.ts'
import { properties as registered } from '../../runtime/properties.ts'
import type { Properties } from './closure.ts'
import { assumptionsOf, propertiesBelow, propertiesOf } from './closure.ts'

/** An inventory with both ways written out: what rests on what. */
export interface InventoryReport {
  readonly format: 1
  /** `Quoin 0.1.0`, `graph 'loans'`. */
  readonly about: string
  /** Where only what one property rests on is told. */
  readonly property?: string
  readonly properties: readonly ReportedProperty[]
  readonly assumptions: readonly ReportedAssumption[]
}
export interface ReportedProperty {
  readonly name: string
  readonly statement: string
  readonly heldBy: readonly Evidence[]
  readonly restsOn: readonly string[]
  /** All assumptions without which it does not hold, by id, transitively. */
  readonly assumptions: readonly string[]
}
export interface ReportedAssumption extends InventoryEntry {
  /** All properties that do not hold without it, transitively. */
  readonly properties: readonly string[]
}

/**
 * The report of an inventory, or of what one property rests on. Every form of it (Markdown, JSON, HTML, CycloneDX) is
 * written from this.
 *
 *     const report = inventoryReport("graph 'loans'", inventory(compiled, drivers), 'SameBits')
 */
export const inventoryReport = (
  about: string,
  entries: readonly InventoryEntry[],
  property?: string,
  properties: Properties = registered,
): InventoryReport => {
  const shown = property === undefined ? entries : assumptionsOf(property, entries, properties)
  const names =
    property === undefined
      ? Object.keys(properties).filter((p) => assumptionsOf(p, entries, properties).length > 0)
      : propertiesBelow(property, properties)
  return {
    format: 1,
    about,
    ...(property === undefined ? {} : { property }),
    properties: names.flatMap((name) => {
      const p = properties[name]
      if (p === undefined) return []
      const needed = assumptionsOf(name, shown, properties).map((a) => a.id)
      return [{ name, statement: p.statement, heldBy: p.heldBy, restsOn: p.restsOn ?? [], assumptions: needed }]
    }),
    assumptions: shown.map((a) => ({ ...a, properties: propertiesOf(a.id, entries, properties) })),
  }
}

export const reportJson = (r: InventoryReport): string => `${JSON.stringify(r, null, 2)}\n`

const evidenceWords: Readonly<Record<Evidence['by'], string>> = {
  law: 'laws',
  spec: 'specification',
  checker: 'checker',
  test: 'tests',
}
/** `checker passes/check/dce.ts`. */
export const evidenceText = ({ by, at }: Evidence): string => `${evidenceWords[by]} ${at}`
