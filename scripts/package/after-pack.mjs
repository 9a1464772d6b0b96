// Files that an installer contains in addition to the application; electron-builder calls this before signing.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { VC_REDIST, VC_RUNTIME } from '../start/vc-runtime.mjs'

/** electron-builder's numbers for processors. */
const ARCHITECTURES = { 1: 'x64', 3: 'arm64' }

export default async function afterPack({
  electronPlatformName: platform,
  appOutDir,
  arch: number,
  packager,
}) {
  const arch = ARCHITECTURES[number]
  const resources = packager.getResourcesDir(appOutDir)
  checkCodec(join(resources, UNPACKED, '@img'), `${platform}-${arch}`)
  if (platform === 'linux') addNode(resources, arch)
  if (platform === 'win32') addRuntime(join(resources, BINDING, 'win32', arch))
}

const UNPACKED = 'app.asar.unpacked/node_modules'
const BINDING = `${UNPACKED}/onnxruntime-node/bin/napi-v6`

/**
 * npm installs the image codec only for its own platform, unlike onnxruntime, which has a folder for each. Throws if
 * the package has that of another platform.
 */
function checkCodec(folder, machine) {
  const found = readdirSync(folder).filter((name) => /^sharp-(?!libvips)/.test(name))
  if (found.join() === `sharp-${machine}`) return
  const [os, cpu] = machine.split('-')
  throw new Error(
    `image codec: of another platform (found ${found.join(', ') || 'none'}, expected sharp-${machine}); ` +
      `package there, or run \`npm ci --os=${os} --cpu=${cpu}\` first`,
  )
}

/**
 * On Linux the engine runs under a plain Node (docs/desktop.md). npm's builds of it need glibc 2.28, like onnxruntime.
 * One version for both processors, with the checksums of npm's registry.
 */
const NODE_VERSION = '24.21.0'
const NODE_SHA512 = {
  x64: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  arm64: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
}

/** `resources/node`. DIGIT_PACKAGE_NODE is a program to use instead of the one from npm. */
function addNode(resources, arch) {
  const own = process.env.DIGIT_PACKAGE_NODE
  const node = own ? resolve(own) : join(fetchNode(arch), 'bin/node')
  copyFileSync(node, join(resources, 'node'))
  chmodSync(join(resources, 'node'), 0o755)
  const license = join(node, '../../LICENSE')
  if (existsSync(license)) copyFileSync(license, join(resources, 'LICENSE.node.txt'))
}

/** The unpacked package from npm, downloaded once. */
function fetchNode(arch) {
  const folder = resolve(`out/node-${NODE_VERSION}-${arch}`)
  if (existsSync(join(folder, 'package/bin/node'))) return join(folder, 'package')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const name = `node-linux-${arch}`
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  execFileSync(npm, ['pack', `${name}@${NODE_VERSION}`, '--pack-destination', folder], { stdio: 'inherit' })
  const archive = join(folder, `${name}-${NODE_VERSION}.tgz`)
  const sha512 = createHash('sha512').update(readFileSync(archive)).digest('base64')
  if (sha512 !== NODE_SHA512[arch]) throw new Error(`${archive}: SHA-512 ${sha512} is not the one expected`)
  execFileSync('tar', ['xzf', archive, '-C', folder, 'package/bin/node', 'package/LICENSE'])
  return join(folder, 'package')
}

/**
 * Copied next to the binding, where Windows searches first; Electron does not search PATH. DIGIT_VC_RUNTIME is their
 * source folder. @default that of Windows
 */
function addRuntime(binding) {
  const { DIGIT_VC_RUNTIME, SystemRoot } = process.env
  const source = DIGIT_VC_RUNTIME ?? (SystemRoot && join(SystemRoot, 'System32'))
  if (!source)
    throw new Error(
      `no folder to take ${VC_RUNTIME.join(', ')} from: package on Windows, or name one by DIGIT_VC_RUNTIME`,
    )
  for (const name of VC_RUNTIME) {
    if (!existsSync(join(source, name)))
      throw new Error(`${join(source, name)}: missing; install ${VC_REDIST}`)
    copyFileSync(join(source, name), join(binding, name))
  }
}
