package dev.ancestral.job.submit;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * What a spec may ask of the cluster. Under {@code submit:} it can have code of its choice run with
 * the rights and the credentials of the person who submits: by jars, options of the JVM, plugins,
 * listeners, images, scripts, another master. Amounts and names of resources cannot, and every spec
 * may set those. The rest takes a spec that is the person's own, as ssh and git ask of their
 * configuration: no user but its owner, who is that person or root, may write it.
 */
public final class SubmitTrust {
  /** A list of what is harmless: of what is not no list would be complete. */
  private static final Pattern HARMLESS =
      Pattern.compile(
          "spark\\.((driver|executor)\\.(memory|cores|memoryOverhead|memoryOverheadFactor|instances"
              + "|heartbeatInterval|resource\\.[\\w-]+\\.(amount|vendor))"
              + "|task\\.(cpus|maxFailures|resource\\.[\\w-]+\\.amount)"
              + "|cores\\.max|default\\.parallelism|sql\\.shuffle\\.partitions|network\\.timeout"
              + "|speculation(\\.\\w+)*|locality\\.wait(\\.\\w+)*|dynamicAllocation(\\.\\w+)*"
              + "|memory\\.\\w+|yarn\\.queue|ancestral\\.arithmetic"
              + "|kubernetes\\.(driver|executor)\\.(request|limit)\\.cores)");

  private static final long ROOT = 0;

  private SubmitTrust() {}

  /**
   * Why a spec is not submitted; empty if it is.
   *
   * @param uri of the spec
   */
  public static Optional<String> obstacle(Storage storage, String uri, SubmitSpec submit) {
    Set<String> powers = powers(submit);
    return powers.isEmpty()
        ? Optional.empty()
        : foreign(storage, uri)
            .map(
                why ->
                    "submit of "
                        + uri
                        + " sets "
                        + String.join(", ", powers)
                        + ", by which it can run any code as you, and the spec need not be yours: "
                        + why
                        + "; read these keys, then give --trust-spec, or make it a local file of"
                        + " yours that nobody else can write (chmod go-w)");
  }

  /**
   * Makes sure that a spec may be submitted.
   *
   * @throws AncestralException (SPEC) if it may not
   */
  public static void require(Storage storage, String uri, SubmitSpec submit) {
    obstacle(storage, uri, submit)
        .ifPresent(
            why -> {
              throw new AncestralException(ErrorCode.SPEC, why);
            });
  }

  /** What it sets that is more than an amount. */
  static Set<String> powers(SubmitSpec submit) {
    Set<String> powers = new TreeSet<>();
    for (SubmitSpec.Options options : submit.steps().values()) {
      options.master().ifPresent(any -> powers.add("master"));
      options.jar().ifPresent(any -> powers.add("jar"));
      if (!options.jars().isEmpty()) {
        powers.add("jars");
      }
      options.conf().keySet().stream()
          .filter(key -> !HARMLESS.matcher(key).matches())
          .forEach(powers::add);
    }
    return powers;
  }

  private static Optional<String> foreign(Storage storage, String uri) {
    org.apache.hadoop.fs.Path path = storage.path(uri);
    try {
      return "file".equals(path.toUri().getScheme())
          ? foreign(Path.of(path.toUri().getPath()))
          : foreign(storage.status(path));
    } catch (IOException e) {
      return Optional.of("it cannot be told whose it is (" + e.getMessage() + ")");
    } catch (UnsupportedOperationException e) {
      return Optional.empty(); // A system without owners and modes.
    }
  }

  private static Optional<String> foreign(Path file) throws IOException {
    Map<String, Object> facts = Files.readAttributes(file, "unix:uid,mode,owner,group");
    long uid = ((Number) facts.get("uid")).longValue();
    int mode = (Integer) facts.get("mode");
    if (uid != ROOT && uid != ownUid()) {
      return Optional.of("it belongs to " + facts.get("owner"));
    }
    // Where every user has a group of the same name, that is the user.
    boolean ownGroup =
        ((Principal) facts.get("owner"))
            .getName()
            .equals(((Principal) facts.get("group")).getName());
    return writable((mode & 0020) != 0 && !ownGroup, (mode & 0002) != 0);
  }

  private static long ownUid() throws IOException {
    Path process = Path.of("/proc/self");
    Path own = Files.exists(process) ? process : Path.of(System.getProperty("user.home"));
    return ((Number) Files.getAttribute(own, "unix:uid")).longValue();
  }

  /** Of a distributed file system; object stores say that everybody may write. */
  private static Optional<String> foreign(FileStatus status) throws IOException {
    String user = UserGroupInformation.getCurrentUser().getShortUserName();
    if (!status.getOwner().equals(user)) {
      return Optional.of("it belongs to " + status.getOwner());
    }
    return writable(
        status.getPermission().getGroupAction().implies(FsAction.WRITE)
            && !status.getGroup().equals(user),
        status.getPermission().getOtherAction().implies(FsAction.WRITE));
  }

  private static Optional<String> writable(boolean byGroup, boolean byOthers) {
    return byGroup || byOthers
        ? Optional.of((byOthers ? "everybody" : "its group") + " may write it")
        : Optional.empty();
  }
}
