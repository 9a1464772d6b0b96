// A PNG -> its pixels: the browser decodes on another thread; only reading the pixels back costs time here.

/** RGBA, [width * height * 4]. */
export async function pngPixels(png: Uint8Array): Promise<ImageData> {
  const bitmap = await createImageBitmap(new Blob([Uint8Array.from(png)], { type: 'image/png' }))
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', {
    willReadFrequently: true,
  })
  if (!context) throw new Error('this browser has no canvas to read pictures with')
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height)
}
