package dev.ancestral.job.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;

class WavFormatTest {
  private static final EventSpec SOUND =
      new EventSpec(List.of(1), new EventSpec.Discrete(256), true, 0, List.of(), 8000);

  @Test
  void a_file_that_a_decoder_reads_with_the_amplitudes_of_the_codes() throws Exception {
    float[] codes = {0, 64, 127, 128, 200, 255};
    Batch batch = new Batch(SOUND, new long[] {3}, codes, null, new int[] {6});
    byte[] wav = new WavFormat().encode(batch, 0);
    try (AudioInputStream in = AudioSystem.getAudioInputStream(new ByteArrayInputStream(wav))) {
      assertEquals(8000, in.getFormat().getSampleRate());
      assertEquals(16, in.getFormat().getSampleSizeInBits());
      assertEquals(1, in.getFormat().getChannels());
      assertEquals(6, in.getFrameLength());
      ByteBuffer pcm = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (float code : codes) {
        // Encoding the amplitude again gives the code: floor((f + 1) / 2 · 255 + 0.5).
        double s = pcm.getShort() / 32767.0;
        double f = Math.signum(s) * Math.log1p(255 * Math.abs(s)) / Math.log(256);
        assertEquals(code, Math.floor((f + 1) / 2 * 255 + 0.5));
      }
    }
  }
}
