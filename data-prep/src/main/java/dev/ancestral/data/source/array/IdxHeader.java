package dev.ancestral.data.source.array;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.MemoryBound;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What stands before the data of an idx file.
 *
 * @param type of the elements
 * @param sizes of all dimensions
 * @param bytes that the header takes itself
 */
record IdxHeader(IdxType type, List<Integer> sizes, int bytes) {

  static IdxHeader read(InputBytes in) throws IOException {
    byte[] magic = new byte[4];
    int count = in.read(magic);
    Optional<IdxType> type = IdxType.of(magic[2]);
    if (count < 4 || magic[0] != 0 || magic[1] != 0 || type.isEmpty() || magic[3] < 1) {
      throw new AncestralException(
          ErrorCode.DATA,
          in.path()
              + " is no idx file: it begins with "
              + HexFormat.ofDelimiter(" ").formatHex(magic, 0, count)
              + ", not with 00 00, a type ("
              + IdxType.CODES
              + ") and the number of dimensions; convert it, or name another file");
    }
    List<Integer> sizes = new ArrayList<>();
    for (int d = 0; d < magic[3]; d++) {
      byte[] size = new byte[4];
      if (in.read(size) < 4) {
        throw new AncestralException(
            ErrorCode.DATA, in.path() + " is cut short at byte " + in.offset() + ", in its header");
      }
      sizes.add(ByteBuffer.wrap(size).getInt());
    }
    IdxHeader header = new IdxHeader(type.get(), sizes, 4 + 4 * sizes.size());
    header.check(in);
    return header;
  }

  private void check(InputBytes in) {
    long product = type.bytes();
    for (int size : sizes.subList(1, sizes.size())) {
      product = size < 1 ? Long.MAX_VALUE : product * size;
      if (product > 1 << 30) {
        throw new AncestralException(
            ErrorCode.DATA,
            in.path() + " has impossible sizes " + sizes + " in its header; get a whole copy");
      }
    }
    if (sizes.get(0) < 0) {
      throw new AncestralException(
          ErrorCode.DATA,
          in.path() + " has " + sizes.get(0) + " examples in its header; get a sound copy of it");
    }
  }

  /** Before a plain file is cut into parts: a wrong header could ask for any number of them. */
  void requireLength(InputFile file) {
    long promised = bytes + examples() * exampleBytes();
    if (promised != file.length()) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " has "
              + file.length()
              + " bytes; its header promises "
              + promised
              + ": get a whole copy of it");
    }
  }

  /** A packed file of a few bytes unpacks to examples of any size. */
  void requireRoom(InputFile file) {
    if (exampleBytes() > MemoryBound.elements(file.length())) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " has "
              + file.length()
              + " bytes and claims examples of "
              + elements()
              + " elements"
              + (type.bytes() == 1 ? "" : " of " + type.bytes() + " bytes")
              + "; at most "
              + MemoryBound.elements(file.length()) / type.bytes()
              + " are believed: check that this is the file you mean");
    }
  }

  long examples() {
    return sizes.get(0);
  }

  /** Elements of an example. */
  int elements() {
    return shape().stream().reduce(1, Math::multiplyExact);
  }

  int exampleBytes() {
    return elements() * type.bytes();
  }

  List<Integer> shape() {
    return switch (sizes.size()) {
      case 1 -> List.of(1);
      case 3 -> List.of(sizes.get(1), sizes.get(2), 1);
      default -> List.copyOf(sizes.subList(1, sizes.size()));
    };
  }
}
