import { compile } from 'quoin'
import { load } from 'quoin/runtime'
import hello from './graph.ts'

const artifact = await compile(hello, { target: 'wasm' })
if (artifact._tag === 'Left') throw new Error(JSON.stringify(artifact.left))
const loaded = await load(artifact.right, {})
if (loaded._tag === 'Left') throw new Error(JSON.stringify(loaded.left))
console.log(JSON.stringify(await loaded.right.run({ x: 20.5 })))
