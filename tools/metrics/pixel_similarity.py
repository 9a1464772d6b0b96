"""PSNR and SSIM of scikit-image for two images that are a formula: the values in test/engine/metrics/pixel-similarity.test.ts.

pip install scikit-image; python tools/metrics/pixel_similarity.py
"""
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

HEIGHT, WIDTH = 24, 32
y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(3), indexing="ij")
a = ((x * 7 + y * 13 + c * 29 + (x * y) % 17 * 5) % 256).astype(np.uint8)
b = np.clip(a.astype(int) + ((x * 3 + y * 5 + c) % 11 - 5) * 4, 0, 255).astype(np.uint8)
print("psnr", repr(float(peak_signal_noise_ratio(a, b, data_range=255))))
print("ssim", repr(float(structural_similarity(
    a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2))))
