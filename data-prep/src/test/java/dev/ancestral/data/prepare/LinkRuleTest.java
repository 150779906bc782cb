package dev.ancestral.data.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkRuleTest {
  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private Path in;

  @BeforeEach
  void makeLinks() throws IOException {
    in = Files.createDirectories(folder.resolve("in"));
    Files.writeString(in.resolve("a.csv"), "");
    Files.writeString(Files.createDirectories(folder.resolve("out")).resolve("secret.csv"), "");
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(in.resolve(name), Path.of(target));
  }

  /** The links that are followed, by name. */
  private List<String> followed(LinkRule rule) {
    LocalLinks links = new LocalLinks(storage.path(in.toString()), rule);
    links.enter(storage.path(in.toString()));
    for (FileStatus status : storage.list(storage.path(in.toString()))) {
      links.add(status);
    }
    List<String> names = new ArrayList<>();
    for (var link = links.next(); link.isPresent(); link = links.next()) {
      names.add(link.get().getPath().getName());
    }
    return names;
  }

  private void assertRefused(LinkRule rule, String... parts) {
    AncestralException refusal = assertThrows(AncestralException.class, () -> followed(rule));
    assertEquals(ErrorCode.DATA, refusal.code());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
  }

  @Test
  void a_link_out_of_the_folder_is_refused_unless_it_is_asked_for() throws IOException {
    for (String target : List.of("../out/secret.csv", "../out", "..", "/")) {
      Files.deleteIfExists(in.resolve("b.csv"));
      link("b.csv", target);
      assertRefused(LinkRule.INSIDE, "b.csv", "out of the input folder", "follow or skip");
      assertRefused(LinkRule.REFUSE, "b.csv");
      assertEquals(List.of(), followed(LinkRule.SKIP));
    }
    Files.delete(in.resolve("b.csv"));
    link("b.csv", "../out/secret.csv");
    assertEquals(List.of("b.csv"), followed(LinkRule.FOLLOW));
  }

  @Test
  void a_cycle_is_passed_over_or_refused() throws IOException {
    link("round", ".");
    for (LinkRule rule : List.of(LinkRule.INSIDE, LinkRule.FOLLOW, LinkRule.SKIP)) {
      assertEquals(List.of(), followed(rule));
    }
    assertRefused(LinkRule.REFUSE, "round", "a folder that it lies in");
  }

  @Test
  void other_links_are_followed_by_every_rule() throws IOException {
    Files.writeString(Files.createDirectories(in.resolve("sub")).resolve("b.csv"), "");
    link("again.csv", "sub/b.csv");
    for (LinkRule rule : LinkRule.values()) {
      assertEquals(List.of("again.csv"), followed(rule));
      assertEquals(rule, LinkRule.of(rule.toString()));
    }
  }
}
