// Which way of writing a product suits a device in a decoding step.
import { GraphBuilder, graphToOnnx } from '../graph/index.ts'
import { separateProduct, tiledProduct, type Product } from '../models/product.ts'
import { openSession, tensor, type Provider } from '../session/index.ts'

const WIDTH = 256
const PRODUCTS = 8
const RUNS = 3
/**
 * For a single row a driver in software computes separate outputs 10 to 20 times as fast as tiles, a card at most a little
 * faster. Far from both, so that every process on a device chooses the same: images differ in their last bits otherwise.
 */
const IN_SOFTWARE = 4

const chosen = new Map<Provider, Promise<Product>>()

/** Tiles, which are faster for many rows; separate outputs where tiles run in software. Measured once in a process. */
export function stepProduct(provider: Provider): Promise<Product> {
  if (provider !== 'webgpu') return Promise.resolve(tiledProduct)
  const product = chosen.get(provider) ?? fasterProduct(provider)
  chosen.set(provider, product)
  return product
}

async function fasterProduct(provider: Provider): Promise<Product> {
  const [tiled, separate] = [
    await milliseconds(tiledProduct, provider),
    await milliseconds(separateProduct, provider),
  ]
  return tiled > IN_SOFTWARE * separate ? separateProduct : tiledProduct
}

/** The fastest of a few runs, after one that compiles the kernels. */
async function milliseconds(product: Product, provider: Provider): Promise<number> {
  const g = new GraphBuilder('products')
  const weight = g.constant('f32', new Float32Array(WIDTH * WIDTH).fill(1 / WIDTH), [WIDTH, WIDTH])
  let x = g.input('x', 'f32', [1, WIDTH])
  for (let i = 0; i < PRODUCTS; i++) x = product(g, x, weight)
  g.output('y', x)
  const session = await openSession(graphToOnnx(g.build()), { provider })
  try {
    const feeds = { x: tensor('f32', new Float32Array(WIDTH).fill(1), [1, WIDTH]) }
    let fastest = Infinity
    for (let run = 0; run <= RUNS; run++) {
      const started = performance.now()
      await session.run(feeds)
      if (run > 0) fastest = Math.min(fastest, performance.now() - started)
    }
    return fastest
  } finally {
    await session.close()
  }
}
