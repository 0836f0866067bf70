// Brings rows into groups of 16.
#include "include/cquantised.h"
#include <math.h>
#include <string.h>

void cajal_store_keys(const float *x, int64_t count, int64_t first, int64_t position, int64_t width, uint16_t *keys) {
  uint16_t *block = keys + position / 16 * width * 16 + position % 16;
  for (int64_t i = 0; i < count; i++) {
    const _Float16 h = (_Float16)x[i];
    memcpy(block + (first + i) * 16, &h, 2);
  }
}

void cajal_pack4(const uint8_t *const rows[16], int64_t blocks, uint8_t *group) {
  for (int64_t b = 0; b < blocks; b++, group += 320) {
    for (int r = 0; r < 16; r++) {
      if (rows[r] == 0) {
        memset(group + 2 * r, 0, 2);
        memset(group + 32 + 2 * r, 0, 2);
        for (int v = 0; v < 4; v++) memset(group + 64 + 64 * v + 4 * r, 0, 4);
        continue;
      }
      const uint8_t *block = rows[r] + 20 * b;
      memcpy(group + 2 * r, block, 2);
      memcpy(group + 32 + 2 * r, block + 2, 2);
      for (int v = 0; v < 4; v++) memcpy(group + 64 + 64 * v + 4 * r, block + 4 + 4 * v, 4);
    }
  }
}

void cajal_pack8(const uint8_t *const rows[16], int64_t blocks, uint8_t *group) {
  uint8_t *bytes = group + (blocks * 32 + 63) / 64 * 64;
  for (int64_t b = 0; b < blocks; b++, bytes += 512) {
    for (int r = 0; r < 16; r++) {
      const uint8_t *block = rows[r] ? rows[r] + 34 * b : 0;
      if (block == 0) memset(group + 32 * b + 2 * r, 0, 2);
      else memcpy(group + 32 * b + 2 * r, block, 2);
      for (int v = 0; v < 8; v++) {
        uint32_t quad = 0;
        if (block) memcpy(&quad, block + 2 + 4 * v, 4);
        quad ^= 0x80808080u;
        memcpy(bytes + 64 * v + 4 * r, &quad, 4);
      }
    }
  }
}

void cajal_blocks8(const float *x, int64_t count, uint8_t *blocks) {
  for (int64_t b = 0; b < count / 32; b++, x += 32, blocks += 34) {
    float top = 0;
    for (int i = 0; i < 32; i++) top = fmaxf(top, fabsf(x[i]));
    const _Float16 scale = (_Float16)(top / 127);
    const float inverse = (float)scale > 0 ? 1 / (float)scale : 0;
    memcpy(blocks, &scale, 2);
    for (int i = 0; i < 32; i++) {
      const float q = rintf(x[i] * inverse);
      const int8_t byte = (int8_t)(q > 127 ? 127 : q < -127 ? -127 : q);
      memcpy(blocks + 2 + i, &byte, 1);
    }
  }
}
