"""The small pages on which a plan's goals are set, adjusted and dropped."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from plans.course import goals
from plans.course.forms import ReasonForm
from plans.course.goals_forms import AdjustGoalForm, GoalForm
from plans.models import Goal, Plan
from plans.protocols import measures


@get_or_post
def add(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    visible = Plan.objects.visible_to(request.user)
    plan = get_object_or_404(
        visible.select_related("complaint__patient__clinic"), pk=plan_id
    )
    access.require(request.user, Act.WRITE_PLANS)
    form = GoalForm(posted(request))
    if carry_out(request, form, goals.add, plan):
        messages.success(request, "The goal is set.")
        return redirect("outcomes:plan", plan.pk)
    audit.record(by=request.user, action="plan.read", about=plan)
    context = {"title": "Set a goal", "button": "Set the goal"}
    return _page(request, plan, form, context)


@get_or_post
def adjust(request: StaffRequest, goal_id: UUID) -> HttpResponse:
    goal = find_goal(request, goal_id)
    access.require(request.user, Act.WRITE_PLANS)
    initial = {name: getattr(goal, name) for name in AdjustGoalForm.base_fields}
    form = AdjustGoalForm(posted(request), initial=initial)
    if carry_out(request, form, goals.adjust, goal):
        messages.success(request, "The goal is adjusted.")
        return redirect("outcomes:plan", goal.plan_id)
    audit.record(by=request.user, action="goal.read", about=goal)
    context = {
        "title": f"Adjust the goal: {name_of(goal)}",
        "button": "Adjust the goal",
        "goal": goal,
    }
    return _page(request, goal.plan, form, context)


@get_or_post
def drop(request: StaffRequest, goal_id: UUID) -> HttpResponse:
    goal = find_goal(request, goal_id)
    access.require(request.user, Act.WRITE_PLANS)
    form = ReasonForm(posted(request))
    if carry_out(request, form, goals.drop, goal):
        messages.success(request, "The goal is dropped.")
        return redirect("outcomes:plan", goal.plan_id)
    audit.record(by=request.user, action="goal.read", about=goal)
    context = {"title": f"Drop the goal: {name_of(goal)}", "button": "Drop the goal"}
    return _page(request, goal.plan, form, context)


def find_goal(request: StaffRequest, goal_id: UUID) -> Goal:
    visible = Goal.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("plan__complaint__patient__clinic"), pk=goal_id
    )


def name_of(goal: Goal) -> str:
    known = measures.known().get(goal.measure)
    return known.name if known else goal.measure


def _page(
    request: StaffRequest,
    plan: Plan,
    form: AdjustGoalForm | ReasonForm,
    context: Mapping[str, object],
) -> HttpResponse:
    more = {
        "form": form,
        "plan": plan,
        "complaint": plan.complaint,
        "patient": plan.complaint.patient,
    }
    return render(request, "plans/goal.html", {**context, **more})
