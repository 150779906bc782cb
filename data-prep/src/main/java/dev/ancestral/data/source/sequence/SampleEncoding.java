package dev.ancestral.data.source.sequence;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * How a WAV file stores a sample, little-endian. Its amplitude is the stored number divided by full
 * scale: whole numbers lie in [−1, 1), and those of 8 bits are stored with 128 added to them.
 */
enum SampleEncoding {
  PCM_8(SampleEncoding.PCM, 8, 1L << 7) {
    @Override
    double stored(ByteBuffer in, int at) {
      return (in.get(at) & 0xFF) - 128;
    }
  },
  PCM_16(SampleEncoding.PCM, 16, 1L << 15) {
    @Override
    double stored(ByteBuffer in, int at) {
      return in.getShort(at);
    }
  },
  PCM_24(SampleEncoding.PCM, 24, 1L << 23) {
    @Override
    double stored(ByteBuffer in, int at) {
      return (in.get(at + 2) << 16) | ((in.get(at + 1) & 0xFF) << 8) | (in.get(at) & 0xFF);
    }
  },
  PCM_32(SampleEncoding.PCM, 32, 1L << 31) {
    @Override
    double stored(ByteBuffer in, int at) {
      return in.getInt(at);
    }
  },
  FLOAT_32(SampleEncoding.FLOAT, 32, 1) {
    @Override
    double stored(ByteBuffer in, int at) {
      return in.getFloat(at);
    }
  },
  FLOAT_64(SampleEncoding.FLOAT, 64, 1) {
    @Override
    double stored(ByteBuffer in, int at) {
      return in.getDouble(at);
    }
  };

  /** The number of linear PCM in a WAV file. */
  static final int PCM = 1;

  /** The number of IEEE floating point in a WAV file. */
  static final int FLOAT = 3;

  private final int kind;
  private final int bits;
  private final double fullScale;

  SampleEncoding(int kind, int bits, long fullScale) {
    this.kind = kind;
    this.bits = bits;
    this.fullScale = fullScale;
  }

  /** The encoding with the number and the bits that a file says, if it is one of these. */
  static Optional<SampleEncoding> of(int kind, int bits) {
    return Arrays.stream(values())
        .filter(encoding -> encoding.kind == kind && encoding.bits == bits)
        .findFirst();
  }

  int bytes() {
    return bits / Byte.SIZE;
  }

  /** The stored number that stands for the amplitude 1. */
  double fullScale() {
    return fullScale;
  }

  /** The number that is stored from a byte on, which float64 holds exactly. */
  abstract double stored(ByteBuffer in, int at);
}
