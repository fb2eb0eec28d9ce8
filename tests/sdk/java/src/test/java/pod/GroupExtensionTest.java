package pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.symphony.bdk.core.SymphonyBdk;
import com.symphony.bdk.ext.group.SymphonyGroupBdkExtension;
import com.symphony.bdk.ext.group.SymphonyGroupService;
import com.symphony.bdk.ext.group.gen.api.model.BaseProfile;
import com.symphony.bdk.ext.group.gen.api.model.CreateGroup;
import com.symphony.bdk.ext.group.gen.api.model.Member;
import com.symphony.bdk.ext.group.gen.api.model.Owner;
import com.symphony.bdk.ext.group.gen.api.model.ReadGroup;
import com.symphony.bdk.ext.group.gen.api.model.Status;
import com.symphony.bdk.ext.group.gen.api.model.UpdateGroup;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The extension of the BDK for groups, which the workflow bot builds on. */
@ExtendWith(PodExtension.class)
@Timeout(60)
class GroupExtensionTest {

  private Pod pod;
  private SymphonyBdk bdk;
  private SymphonyGroupService groups;

  @BeforeEach
  void start(Home home) throws Exception {
    pod = EveryMethod.pod(home, "bot");
    bdk = new Requests().start(Bots.certificateBot(pod));
    bdk.extensions().register(SymphonyGroupBdkExtension.class);
    groups = bdk.extensions().service(SymphonyGroupBdkExtension.class);
  }

  @AfterEach
  void stop() throws InterruptedException {
    pod.close();
  }

  @Test
  void everyMethodIsAnswered() throws Exception {
    EveryMethod.on(pod, "bot", bdk.botSession())
        .call(Map.of("groups", new EveryMethod.Service(SymphonyGroupService.class, groups)), Map.of())
        .conclude("symphony-group-extension");
  }

  @Test
  void aGroupLivesFromItsMakingToItsEnd() throws Exception {
    Long bob = idOf("bob");
    Long dora = idOf("dora");

    ReadGroup made = groups.insertGroup(new CreateGroup()
        .type("SDL")
        .ownerType(Owner.TENANT)
        .ownerId(1L)
        .name("Sales")
        .profile(new BaseProfile().displayName("Sales desk"))
        .addMembersItem(new Member().memberTenant(1).memberId(bob)));
    assertThat(made.getStatus()).isEqualTo(Status.ACTIVE);
    assertThat(groups.getGroup(made.getId()).getName()).isEqualTo("Sales");

    groups.addMemberToGroup(made.getId(), dora);
    assertThat(groups.getGroup(made.getId()).getMembers()).extracting("memberId").containsExactly(bob, dora);

    groups.updateAvatar(made.getId(), "GIF89a and more".getBytes(StandardCharsets.US_ASCII));
    ReadGroup pictured = groups.getGroup(made.getId());
    assertThat(pictured.getProfile().getAvatars()).isNotEmpty();

    ReadGroup ended = groups.updateGroup(pictured.geteTag(), made.getId(), new UpdateGroup()
        .type("SDL")
        .ownerType(Owner.TENANT)
        .ownerId(1L)
        .name("Sales")
        .profile(new BaseProfile().displayName("Sales desk"))
        .status(Status.DELETED));
    assertThat(ended.getStatus()).isEqualTo(Status.DELETED);
    assertThat(groups.listAllGroups(Status.ACTIVE, null, 1, 10)).extracting(ReadGroup::getName).containsExactly("Traders");
  }

  private Long idOf(String username) {
    return bdk.users().listUsersByUsernames(List.of(username)).get(0).getId();
  }
}
