// resources/icon/icon.svg -> the images for installers.
import sharp from 'sharp'

const FOLDER = 'resources/icon'
for (const size of [512, 1024])
  await sharp(`${FOLDER}/icon.svg`, { density: (72 * size) / 1024 })
    .resize(size, size)
    .png({ compressionLevel: 9 })
    .toFile(`${FOLDER}/icon-${size}.png`)
