package dev.ancestral.job.train.transport;

import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.TrainSpec.ReductionKind;
import dev.ancestral.job.train.spec.TransportKind;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.torch.ProcessGroup;
import dev.ancestral.tensor.torch.RendezvousStore;
import dev.ancestral.train.collective.Collective;
import dev.ancestral.train.collective.CollectiveException;
import dev.ancestral.train.collective.InProcessGroup;
import dev.ancestral.train.collective.ProcessGroupLink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * How the replicas of a barrier stage find each other: each tells the store that the driver serves
 * which JVM it is in; those that share one meet in memory, and the JVMs join a process group, which
 * they keep for later rounds while nothing changes.
 */
public final class Rendezvous {
  private static final String DECLINED = "declined";
  private static final String ALL_REACHED = "all reached";
  private static final long POLL_MILLIS = 2;
  private static final String JVM = UUID.randomUUID().toString();
  private static final Map<String, Meeting> MEETINGS = new ConcurrentHashMap<>();
  private static final Map<String, HeldLink> LINKS = new ConcurrentHashMap<>();

  /**
   * By run. A connection lasts: libtorch asks the resolver for the name of every address that it
   * connects to, which takes seconds where that has no answer.
   */
  private static final Map<String, Connection> STORES = new ConcurrentHashMap<>();

  /**
   * Of the replicas of this JVM. It is known until all of them have left: one that comes after
   * another has given up has to find that, and not to wait for it in a new meeting.
   *
   * @param staying replicas that have not left
   */
  private record Meeting(CompletableFuture<InProcessGroup> group, AtomicInteger staying) {
    static Meeting of(String name, int replicas) {
      return MEETINGS.computeIfAbsent(
          name, unknown -> new Meeting(new CompletableFuture<>(), new AtomicInteger(replicas)));
    }
  }

  private record Connection(String host, int port, RendezvousStore store) {
    static Connection to(Address address, TrainingContext run) {
      return new Connection(
          address.host(),
          address.port(),
          RendezvousStore.connect(address.host(), address.port(), deadline(run)));
    }

    boolean leadsTo(Address address) {
      return host.equals(address.host()) && port == address.port();
    }
  }

  private record HeldLink(String name, ProcessGroupLink link) {}

  /**
   * Where the store is, for those who know the secret: it is not sent.
   *
   * @param host that serves it; empty when all replicas share the driver's JVM
   * @param port that it listens on
   * @param secret that members know
   */
  public record Address(String host, int port, GroupSecret secret) {
    public static Address sameJvm() {
      return new Address("", 0, GroupSecret.random());
    }
  }

  /**
   * One replica that comes to the meeting.
   *
   * @param run that it belongs to
   * @param attempt unique to this attempt of this stage
   * @param replica index
   * @param host by which others reach this process
   * @param port at which Spark serves blocks there
   * @param device of the replica
   */
  public record Participant(
      TrainingContext run, String attempt, int replica, String host, int port, Device device) {}

  private record Place(String jvm, String host, int port, String held) {}

  private record Known(RendezvousStore store, List<Place> places) {}

  private Rendezvous() {}

  /** The participant's end of the group; every replica of the run must come. */
  public static Collective join(Address address, Participant participant) {
    TrainingContext run = participant.run();
    String meeting = run.id() + "/" + participant.attempt();
    if (address.host().isEmpty()) {
      int[] all = IntStream.range(0, run.replicas()).toArray();
      CompletableFuture<InProcessGroup> group = Meeting.of(meeting, all.length).group();
      group.complete(new InProcessGroup(all, "all in one process", deadline(run), null));
      return group.join().member(participant.replica());
    }
    GroupSecret secret = address.secret();
    Known known =
        asking(
            address,
            run,
            store -> new Known(store, exchangePlaces(store, secret, meeting, participant)));
    return meet(known.store(), secret, meeting, participant, known.places())
        .member(participant.replica());
  }

  private static <T> T asking(
      Address address, TrainingContext run, Function<RendezvousStore, T> question) {
    Connection connection =
        STORES.compute(
            run.id(),
            (id, known) ->
                known != null && known.leadsTo(address) ? known : Connection.to(address, run));
    try {
      return question.apply(connection.store());
    } catch (RuntimeException e) {
      // Perhaps it is broken. It is not closed, since others may be using it: the garbage collector
      // frees it.
      STORES.remove(run.id(), connection);
      throw e;
    }
  }

  /** Tells the others that a replica will not come, so that they do not wait for it. */
  public static void decline(Address address, Participant participant, String reason) {
    TrainingContext run = participant.run();
    String meeting = run.id() + "/" + participant.attempt();
    if (address.host().isEmpty()) {
      join(address, participant).abort(reason);
      return;
    }
    String declined = String.join("\n", DECLINED, participant.host(), reason.replace('\n', ' '));
    asking(
        address,
        run,
        store -> {
          put(store, address.secret(), meeting, participant, declined);
          return null;
        });
  }

  /** Leaves a meeting that is over for this replica. */
  public static void leave(Participant participant) {
    String name = participant.run().id() + "/" + participant.attempt();
    Meeting meeting = MEETINGS.get(name);
    if (meeting != null && meeting.staying().decrementAndGet() == 0) {
      MEETINGS.remove(name);
    }
  }

  /** Forgets a run that is over in this JVM. */
  public static void release(String runId) {
    disconnect(runId);
    MEETINGS.keySet().removeIf(name -> name.startsWith(runId + "/"));
  }

  /** Drops the connections of a run in this JVM. */
  public static void disconnect(String runId) {
    STORES.remove(runId);
    HeldLink held = LINKS.remove(runId);
    if (held != null) {
      held.link().abort();
    }
  }

  private static long deadline(TrainingContext run) {
    return TimeUnit.SECONDS.toMillis(run.spec().deadlineSeconds());
  }

  private static void put(
      RendezvousStore store,
      GroupSecret secret,
      String meeting,
      Participant participant,
      String value) {
    String key = key(secret, meeting, participant.replica());
    store.put(key, secret.seal(key, value.getBytes(StandardCharsets.UTF_8)));
  }

  /** Under which a replica tells the others where it is. */
  public static String key(GroupSecret secret, String meeting, int replica) {
    return secret.hidden(meeting + "/" + replica);
  }

  private static List<Place> exchangePlaces(
      RendezvousStore store, GroupSecret secret, String meeting, Participant participant) {
    HeldLink held = LINKS.get(participant.run().id());
    put(
        store,
        secret,
        meeting,
        participant,
        String.join(
            "\n",
            JVM,
            participant.host(),
            Integer.toString(participant.port()),
            held == null ? "none" : held.name()));
    List<Place> places = new ArrayList<>();
    for (int replica = 0; replica < participant.run().replicas(); replica++) {
      String key = key(secret, meeting, replica);
      String[] fields = await(store, secret, key, replica, participant).split("\n");
      if (fields[0].equals(DECLINED)) {
        throw new CollectiveException(
            "replica " + replica + " on " + fields[1] + " gave up: " + fields[2]);
      }
      places.add(new Place(fields[0], fields[1], Integer.parseInt(fields[2]), fields[3]));
    }
    return places;
  }

  // Asking again and again instead of a wait in native code: a task that is killed must notice.
  private static String await(
      RendezvousStore store, GroupSecret secret, String key, int replica, Participant participant) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(deadline(participant.run()));
    while (!store.has(key)) {
      if (System.nanoTime() > end) {
        throw new CollectiveException(
            "replica "
                + replica
                + " did not come to the meeting within "
                + participant.run().spec().deadlineSeconds()
                + " s; replica "
                + participant.replica()
                + " on "
                + participant.host()
                + " waited");
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CollectiveException(
            "replica " + participant.replica() + " was interrupted while it waited", e);
      }
    }
    return new String(secret.open(key, store.value(key)), StandardCharsets.UTF_8);
  }

  private static InProcessGroup meet(
      RendezvousStore store,
      GroupSecret secret,
      String meeting,
      Participant participant,
      List<Place> places) {
    Map<String, List<Integer>> byJvm = new TreeMap<>();
    for (int replica = 0; replica < places.size(); replica++) {
      byJvm.computeIfAbsent(places.get(replica).jvm(), jvm -> new ArrayList<>()).add(replica);
    }
    // Ranks in the order of the JVMs' first replicas, the same in every process.
    List<List<Integer>> ranks = new ArrayList<>(byJvm.values());
    ranks.sort((a, b) -> Integer.compare(a.get(0), b.get(0)));
    List<Integer> mine = byJvm.get(JVM);
    CompletableFuture<InProcessGroup> group = Meeting.of(meeting, mine.size()).group();
    if (mine.get(0) == participant.replica()) {
      try {
        ProcessGroupLink link =
            ranks.size() == 1 ? null : link(store, secret, meeting, participant, places, ranks);
        group.complete(
            new InProcessGroup(array(mine), describe(places), deadline(participant.run()), link));
      } catch (RuntimeException e) {
        group.completeExceptionally(e);
      }
    }
    try {
      return group.get(deadline(participant.run()), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectiveException("replica " + participant.replica() + " was interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      throw new CollectiveException(
          "the replicas did not form a group ("
              + describe(places)
              + "): "
              + (why.getMessage() == null ? why : why.getMessage()),
          e);
    }
  }

  private static ProcessGroupLink link(
      RendezvousStore store,
      GroupSecret secret,
      String meeting,
      Participant participant,
      List<Place> places,
      List<List<Integer>> ranks) {
    TrainingContext run = participant.run();
    String held = places.get(0).held();
    boolean same = places.stream().allMatch(place -> place.held().equals(held));
    if (same && !held.equals("none")) {
      return LINKS.get(run.id()).link();
    }
    HeldLink before = LINKS.remove(run.id());
    if (before != null) {
      before.link().close();
    }
    int[][] replicasByRank = new int[ranks.size()][];
    int rank = 0;
    for (int i = 0; i < replicasByRank.length; i++) {
      replicasByRank[i] = array(ranks.get(i));
      if (ranks.get(i).contains(participant.replica())) {
        rank = i;
      }
    }
    requireLinks(store, secret, meeting + "/links", participant, places, ranks);
    GroupFormation formation =
        new GroupFormation(
            store,
            secret,
            meeting + "/group",
            ranks.size(),
            deadline(run),
            other -> name(ranks.get(other).get(0), places));
    ProcessGroup group =
        participant.device().kind() == Device.Kind.CUDA
                && !run.spec().transport().equals(TransportKind.GLOO)
            ? formation.nccl(rank, participant.device())
            : formation.gloo(rank, participant.host());
    // After a call that timed out the group is left as it is: libtorch still works on it.
    ProcessGroupLink link =
        new ProcessGroupLink(
            group, replicasByRank, run.spec().reduction() == ReductionKind.ORDERED);
    LINKS.put(run.id(), new HeldLink(meeting, link));
    return link;
  }

  /**
   * Every process tells the others whether it reaches them; all learn of the first that does not.
   */
  private static void requireLinks(
      RendezvousStore store,
      GroupSecret secret,
      String meeting,
      Participant participant,
      List<Place> places,
      List<List<Integer>> ranks) {
    List<Integer> first = ranks.stream().map(replicas -> replicas.get(0)).toList();
    List<ReachabilityProbe.Peer> peers =
        first.stream()
            .filter(replica -> replica != participant.replica())
            .map(
                replica -> {
                  Place place = places.get(replica);
                  return new ReachabilityProbe.Peer(
                      name(replica, places), place.host(), place.port());
                })
            .toList();
    String own = name(participant.replica(), places);
    String missing =
        ReachabilityProbe.missing(own, peers, deadline(participant.run()) / 2).orElse(ALL_REACHED);
    put(store, secret, meeting, participant, missing);
    for (int replica : first) {
      String key = key(secret, meeting, replica);
      String said = await(store, secret, key, replica, participant);
      if (!said.equals(ALL_REACHED)) {
        throw new CollectiveException(said);
      }
    }
  }

  private static String name(int replica, List<Place> places) {
    return "replica " + replica + " on " + places.get(replica).host();
  }

  private static String describe(List<Place> places) {
    StringBuilder text = new StringBuilder();
    for (int replica = 0; replica < places.size(); replica++) {
      text.append(replica == 0 ? "" : ", ").append(name(replica, places));
    }
    return text.toString();
  }

  private static int[] array(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }
}
