package dev.ancestral.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SealedJsonTest {
  private static ObjectNode object() {
    ObjectNode object = SealedJson.object().put("name", "Ziffern é").put("nats", 1e-7);
    object.putObject("inner").put("long", Long.MAX_VALUE).put("third", 1.0 / 3).put("ten", 10.0);
    return object;
  }

  @Test
  void opens_what_it_sealed() {
    ObjectNode opened = SealedJson.open(SealedJson.seal(object()), "here");
    assertEquals("Ziffern é", opened.get("name").textValue());
    assertEquals(1e-7, opened.get("nats").doubleValue());
    assertEquals(1.0 / 3, opened.at("/inner/third").doubleValue());
    assertEquals(Long.MAX_VALUE, opened.at("/inner/long").longValue());
    assertTrue(opened.path("sha256").isMissingNode());
  }

  @Test
  void white_space_is_free() {
    String text = new String(SealedJson.seal(object()), UTF_8);
    SealedJson.open(text.replace("\n", "\r\n    ").getBytes(UTF_8), "here");
  }

  @Test
  void every_prefix_is_refused() {
    byte[] sealed = SealedJson.seal(object());
    for (int length = 0; length < sealed.length - 1; length++) {
      byte[] cut = Arrays.copyOf(sealed, length);
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> SealedJson.open(cut, "m.json"));
      assertEquals(ErrorCode.DATA, refusal.code());
      assertTrue(refusal.getMessage().startsWith("m.json is damaged"), refusal.getMessage());
    }
  }

  @Test
  void every_changed_value_is_refused() {
    String text = new String(SealedJson.seal(object()), UTF_8);
    for (String[] change :
        new String[][] {{"Ziffern", "ziffern"}, {"1E-7", "1E-8"}, {"\"sha256\"", "\"sha255\""}}) {
      assertTrue(text.contains(change[0]), change[0]);
      byte[] edited = text.replace(change[0], change[1]).getBytes(UTF_8);
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> SealedJson.open(edited, "m.json"));
      assertTrue(refusal.getMessage().contains("was edited"), refusal.getMessage());
    }
  }
}
