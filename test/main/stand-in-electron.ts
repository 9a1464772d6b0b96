// Folders that electron-builder takes for an unpacked Electron: the files that it looks at, and no program.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const ELECTRON_VERSION = '45.4.1'
export type Platform = 'linux' | 'win32' | 'darwin'

/** A program's fuses: the sentinel, version 1, nine fuses as Electron 45 comes (@electron/fuses). */
const FUSED = Buffer.concat([
  Buffer.alloc(64),
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('101001001'),
  Buffer.alloc(64),
])

const PLIST = (name: string) => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>CFBundleExecutable</key><string>${name}</string>
<key>CFBundleIdentifier</key><string>com.github.Electron</string>
<key>CFBundleName</key><string>${name}</string>
</dict></plist>`

const macApplication = (folder: string, name: string) => ({
  [`${folder}/Contents/Info.plist`]: PLIST(name),
  [`${folder}/Contents/MacOS/${name}`]: FUSED,
})
const FRAMEWORKS = 'Electron.app/Contents/Frameworks'
const HELPERS = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'].map((kind) => `Electron Helper${kind}`)

const FILES: Readonly<Record<Platform, Readonly<Record<string, string | Buffer>>>> = {
  linux: { electron: FUSED, 'chrome-sandbox': '', LICENSE: 'MIT' },
  win32: { 'electron.exe': FUSED, LICENSE: 'MIT' },
  darwin: {
    ...macApplication('Electron.app', 'Electron'),
    ...Object.assign({}, ...HELPERS.map((name) => macApplication(`${FRAMEWORKS}/${name}.app`, name))),
    [`${FRAMEWORKS}/Electron Framework.framework/Electron Framework`]: FUSED,
    'Electron.app/Contents/Resources/electron.icns': '',
  },
}

export function standInElectron(folder: string, platform: Platform): string {
  for (const [name, content] of Object.entries({ version: ELECTRON_VERSION, ...FILES[platform] })) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content, { mode: 0o755 })
  }
  return folder
}
