package dev.ancestral.fuzz;

import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.ForeignFiles;
import dev.ancestral.data.source.array.Idx;
import dev.ancestral.data.source.array.Matrix;
import dev.ancestral.data.source.image.Images;
import dev.ancestral.data.source.sequence.RealSequences;
import dev.ancestral.data.source.sequence.Sequences;
import dev.ancestral.data.source.sequence.Text;
import dev.ancestral.data.source.sequence.Wav;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.YamlDocument;
import dev.ancestral.tensor.ParameterLayout;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The parsers of files that others make. Each takes any bytes and either succeeds or throws a
 * {@link dev.ancestral.AncestralException} with a message; nothing else may come of it, whatever
 * the bytes are.
 */
enum FuzzTarget {
  IDX {
    @Override
    void parse(byte[] file) {
      examples(file, new Idx(List.of()));
    }
  },
  WAV {
    @Override
    void parse(byte[] file) {
      MemoryFiles.hold(file);
      ForeignFiles.bytes(STORAGE, MemoryFiles.FILE, new Wav("", ""));
    }
  },
  IMAGES {
    @Override
    void parse(byte[] file) {
      MemoryFiles.hold(file);
      ForeignFiles.bytes(STORAGE, MemoryFiles.FILE, new Images("", ""));
    }
  },
  TEXT {
    @Override
    void parse(byte[] file) {
      examples(file, new Text(1 << 20));
    }
  },
  LINES {
    @Override
    void parse(byte[] file) {
      examples(file, new Text(Text.Extent.LINE, 1 << 20, true));
    }
  },
  MATRIX {
    @Override
    void parse(byte[] file) {
      examples(file, new Matrix());
    }
  },
  SEQUENCES {
    @Override
    void parse(byte[] file) {
      examples(file, new Sequences(21, 88));
    }
  },
  REAL_SEQUENCES {
    @Override
    void parse(byte[] file) {
      examples(file, new RealSequences(2, true));
    }
  },
  MANIFEST {
    @Override
    void parse(byte[] file) {
      DatasetManifest.parse(file, "manifest.json");
    }
  },
  /** What lies behind the seal, which a forger can set but a mutation cannot. */
  FORGED_MANIFEST {
    @Override
    void parse(byte[] file) {
      DatasetManifest.parse(Seeds.sealed(file), "manifest.json");
    }
  },
  SEALED_JSON {
    @Override
    void parse(byte[] file) {
      SealedJson.open(file, "sealed.json");
    }
  },
  MODEL {
    @Override
    void parse(byte[] file) {
      ModelDescription.parse(file, "model.json");
    }
  },
  SAFETENSORS_ARRAYS {
    @Override
    void parse(byte[] file) throws IOException {
      Safetensors.readArrays(new ByteArrayInputStream(file), "parameters.safetensors");
    }
  },
  SAFETENSORS {
    @Override
    void parse(byte[] file) throws IOException {
      Safetensors.read(
          new ByteArrayInputStream(file), LAYOUT, (offset, from) -> {}, "parameters.safetensors");
    }
  },
  SPEC {
    @Override
    void parse(byte[] file) {
      String text;
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString();
      } catch (CharacterCodingException e) {
        return; // Refused before it is parsed.
      }
      JobSpec.read(
          YamlDocument.parse("spec.yaml", text), Optional.empty(), path -> Optional.empty());
    }
  };

  private static final Storage STORAGE = MemoryFiles.storage();

  /** Of the seeds' tensors. */
  static final ParameterLayout LAYOUT =
      ParameterLayout.builder()
          .add("a", ParameterLayout.Initializer.zeros(), 2, 3)
          .add("b", ParameterLayout.Initializer.zeros(), 4)
          .build();

  /** Parses a file. */
  abstract void parse(byte[] file) throws IOException;

  private static void examples(byte[] file, dev.ancestral.data.source.Source source) {
    MemoryFiles.hold(file);
    ForeignFiles.examples(STORAGE, MemoryFiles.FILE, source, "train");
  }
}
