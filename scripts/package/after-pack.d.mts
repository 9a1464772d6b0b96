export default function afterPack(context: {
  readonly electronPlatformName: string
  readonly appOutDir: string
  readonly arch: number
  readonly packager: { getResourcesDir(appOutDir: string): string }
}): Promise<void>
