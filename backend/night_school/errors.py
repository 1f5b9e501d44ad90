"""Why attendance or the planning of a class is refused: one class a rule, codes from 40930."""

from flask_babel import lazy_gettext as _

from backend.booking.errors import BookingRefused


class LessonCancelled(BookingRefused):
    """The lesson does not take place, so nobody can be checked in to it."""

    errcode = 40930
    sentence = _("这次课已经取消，不用签到。")


class OtherClass(BookingRefused):
    """The code belongs to a booking of another class; `title`, `place` say of which."""

    errcode = 40931
    sentence = _("这是“%(title)s”（%(place)s）的签到码，%(person)s不在本班名单里。")


class EnrolmentEnded(BookingRefused):
    """The code belongs to an enrolment of this class that is no longer confirmed."""

    errcode = 40932
    sentence = _("%(person)s在本班的报名已经取消，不能签到。")


class NoPlaceYet(BookingRefused):
    """The code belongs to somebody who is still waiting for a place in this class."""

    errcode = 40933
    sentence = _("%(person)s还在本班候补，没有确认名额，不能签到。")


class ChoosePerson(BookingRefused):
    """Several of the household attend this class; `people` lists them, ask again with one."""

    errcode = 40934
    sentence = _("您家里有多位成员报了这个班，请选择为谁签到。")


class NothingToUndo(BookingRefused):
    """There is no recent change of one's own at this lesson to take back."""

    errcode = 40935
    sentence = _("没有可以撤销的操作。")


class LessonOver(BookingRefused):
    """What is over is not moved or cancelled any more."""

    errcode = 40936
    for_staff = True
    sentence = _("这次课已经上完，不能再调整。")


class TeacherBusy(BookingRefused):
    """The teacher gives another lesson at that time; `listed` names which."""

    errcode = 40938
    for_staff = True
    sentence = _("老师在这个时间有别的课：%(listed)s。请换一个时间，或者请人代课。")


class ClassMeets(BookingRefused):
    """The class itself meets at that time already; `listed` names when."""

    errcode = 40939
    for_staff = True
    sentence = _("同一时间本班还有一次课：%(listed)s。请换一个时间。")


class CodeOfSeveral(BookingRefused):
    """Six digits fit several of the class, and nobody is there any more to be asked."""

    errcode = 40965
    for_staff = True
    sentence = _("这六位数字对应本班几位居民，请在名单里点选。")


class ChangedMeanwhile(BookingRefused):
    """Somebody else changed the mark after the device had seen it: `found` is what it is now."""

    errcode = 40966
    for_staff = True
    sentence = _("这条考勤在别处已改为“%(found)s”，请决定以哪个为准。")


class NonceReused(BookingRefused):
    """Another device, or another lesson, has used this nonce."""

    errcode = 40967
    for_staff = True
    sentence = _("这条记录的编号已经用过，没有登记。")


class AlreadyDecided(BookingRefused):
    """Somebody has decided about this entry already, or there is nothing left to decide."""

    errcode = 40968
    for_staff = True
    sentence = _("这条记录已经有人处理过了。")


class ExcuseRefused(BookingRefused):
    """It is too late to be excused, too late to take that back, or there is nothing to excuse."""

    errcode = 40969
    sentence = _("已经过了请假的期限，请联系社区工作人员。")


class NothingToDecide(BookingRefused):
    """The class is large enough, or sign-up has not closed, or it is over."""

    errcode = 40972
    sentence = _("这个班现在不需要决定是否开班：人数已够，或者报名还没有截止。")


class ClassNotOver(BookingRefused):
    """Certificates are issued after the last lesson."""

    errcode = 40975
    sentence = _("课程还没有结束，结业后就可以领取证书。")


class NotThereToRate(BookingRefused):
    """A lesson is rated by who was at it, once it is over."""

    errcode = 40977
    sentence = _("上过这次课以后才能评价。")


class RatingClosed(BookingRefused):
    """A lesson is rated within two weeks after it."""

    errcode = 40978
    sentence = _("这次课的评价时间已过（课后两周内可以评价）。")


class CameLately(BookingRefused):
    """A place is offered on only after a warning, and while the person stays away."""

    errcode = 40979
    for_staff = True
    sentence = _("这位学员最近来过课，或者还没有收到缺席提醒，名额不能让出。")


class CertificateNotEarned(BookingRefused):
    """The person came to fewer lessons than a certificate takes; `came` and `needed` say so."""

    errcode = 40976
    sentence = _("出勤 %(came)s 次，还不到结业要求的 %(needed)s 次，不能发结业证书。")


class PlanClashes(BookingRefused):
    """Dates of a plan cannot be held: the room or the teacher is taken, or the term is over."""

    errcode = 40946
    for_staff = True
    sentence = _("有些日期有冲突，还没有开班。")


class PlanChanged(BookingRefused):
    """What the clerk saw in the preview is not what would be written now."""

    errcode = 40947
    for_staff = True
    sentence = _("预览之后情况有变化，还没有开班。请看标出“新”的日期，再决定。")


class PublishedAlready(BookingRefused):
    """Residents see the class already: its moment can no longer be changed or taken back."""

    errcode = 40948
    for_staff = True
    sentence = _("这个班已经发布，不能再改发布时间。")
