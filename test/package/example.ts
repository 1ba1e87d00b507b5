import { fileURLToPath } from 'node:url'
import { conclude, run } from './project.ts'
import { reportProblems } from './report.ts'

// `npm start -- --json` prints one JSON object and nothing else, and it says what a right report says.

const root = fileURLToPath(new URL('../../', import.meta.url))
const printed = run(root, 'npm', 'start', '--silent', '--', '--json')
const parsed = ((): { readonly json: unknown } | undefined => {
  try {
    return { json: JSON.parse(printed) }
  } catch {
    return undefined
  }
})()
conclude(
  parsed === undefined ? [`not one JSON value: ${printed.slice(0, 200)}`] : reportProblems(parsed.json),
  `npm start -- --json prints one report of ${printed.length} characters, in the right form`,
)
