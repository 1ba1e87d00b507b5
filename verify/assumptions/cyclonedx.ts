import { createHash } from 'node:crypto'
import { probeText } from '../../codegen/inventory.ts'
import { version } from '../../codegen/version.ts'
import type { Dependency } from '../../runtime/assumption.ts'
import type { InventoryReport, ReportedAssumption, ReportedProperty } from './report.ts'
import { evidenceText } from './report.ts'

/**
 * The report as declarations of CycloneDX 1.6: properties are the requirements of a standard, each assumption is a claim
 * about the subject, and evidence is what tries it. Nothing is attested to conform: a claim says what has to be believed.
 * The same report gives the same bytes; there is no time in it.
 */
export const reportCycloneDx = (r: InventoryReport): string => {
  const packages = unique(
    r.assumptions.flatMap((a) => a.dependsOn.filter((d) => d.on !== 'part')),
    (d) => `${d.name} ${d.range}`,
  )
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: uuid(JSON.stringify(r)),
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'quoin', version }] },
      component: { type: 'application', 'bom-ref': 'subject', name: r.about },
    },
    components: packages.map(component),
    declarations: {
      assessors: [{ 'bom-ref': 'assessor', thirdParty: false, organization: { name: 'quoin' } }],
      attestations: [
        {
          summary: `What ${r.about} rests on: claims that have to be believed, and what tries them. No conformance is asserted.`,
          assessor: 'assessor',
          map: r.properties.map((p) => ({ requirement: property(p.name), claims: p.assumptions.map(claim) })),
        },
      ],
      claims: r.assumptions.map(claimOf),
      evidence: [...r.assumptions.flatMap(evidenceOf), ...r.properties.map(heldBy)],
      targets: { components: [{ type: 'application', 'bom-ref': 'target', name: r.about }] },
    },
    definitions: {
      standards: [
        {
          'bom-ref': 'properties',
          name: 'Properties that Quoin promises',
          version,
          requirements: r.properties.map(requirementOf),
        },
      ],
    },
  }
  return `${JSON.stringify(bom, null, 2)}\n`
}
const claim = (id: string): string => `claim:${id}`
const property = (name: string): string => `property:${name}`

const claimOf = (a: ReportedAssumption) => ({
  'bom-ref': claim(a.id),
  target: 'target',
  predicate: a.statement,
  reasoning: `Where it is wrong: ${a.failureMode}`,
  mitigationStrategies: [`mitigation:${a.id}`],
  ...(a.probe.by === 'none' ? {} : { evidence: [`probe:${a.id}`] }),
})
const evidenceOf = (a: ReportedAssumption) => {
  const expires = 'after' in a.expiry ? { expires: `${a.expiry.after}T23:59:59Z` } : {}
  return [
    { 'bom-ref': `mitigation:${a.id}`, propertyName: 'mitigation', description: a.mitigation, ...expires },
    ...(a.probe.by === 'none'
      ? []
      : [{ 'bom-ref': `probe:${a.id}`, propertyName: 'probe', description: probeText(a.probe), ...expires }]),
  ]
}
const heldBy = (p: ReportedProperty) => ({
  'bom-ref': `evidence:${p.name}`,
  propertyName: 'evidence',
  description: p.heldBy.map(evidenceText).join('; '),
})
const requirementOf = (p: ReportedProperty) => ({
  'bom-ref': property(p.name),
  identifier: p.name,
  text: p.statement,
  ...(p.restsOn.length === 0 ? {} : { descriptions: [`It rests on ${p.restsOn.join(', ')}.`] }),
})
const component = (d: Exclude<Dependency, { on: 'part' }>) => ({
  type: d.on === 'package' ? 'library' : 'platform',
  'bom-ref': `${d.on}:${d.name} ${d.range}`,
  name: d.name,
  // What is known is a range; CycloneDX has a place for one only where versions are excluded from it.
  properties: [{ name: 'quoin:range', value: d.range }],
})

const unique = <X>(xs: readonly X[], key: (x: X) => string): readonly X[] => [
  ...new Map(xs.map((x) => [key(x), x])).values(),
]
/** A name-based UUID (version 8) of the content. */
const uuid = (text: string): string => {
  const h = createHash('sha256').update(text).digest('hex')
  return `urn:uuid:${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`
}
