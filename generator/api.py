"""`/api/v1/generations/`: for programs. A token acts for its company, and sees that company's jobs alone."""

from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiToken, Company
from generator.edits import find_editable, request_edit
from generator.models import GenerationJob
from generator.queries import find_job, jobs_of
from generator.serializers import BRIEF_SCHEMA, EDIT_SCHEMA, JobSerializer, QueuedJobSerializer, RefusalSerializer
from generator.services import cancel_generation, request_generation


def _token_of(request: Request) -> ApiToken:
    return cast(ApiToken, request.auth)


def _company_of(request: Request) -> Company:
    return _token_of(request).company


class GenerationsView(GenericAPIView[GenerationJob]):
    serializer_class = JobSerializer

    @extend_schema(operation_id="generations_list", summary="Your company's jobs, newest first")
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(jobs_of(_company_of(request)))
        return self.get_paginated_response(JobSerializer(page, many=True).data)

    @extend_schema(
        operation_id="generations_create",
        summary="Compose a track",
        request={"application/json": BRIEF_SCHEMA},
        responses={
            202: QueuedJobSerializer,
            400: RefusalSerializer,
            429: RefusalSerializer,
        },
        examples=[
            OpenApiExample("A duo", value={"instruments": ["piano", "violin"], "seconds": 30}, request_only=True)
        ],
    )
    def post(self, request: Request) -> Response:
        brief = cast(dict[str, Any], request.data)  # the engine says so if it is anything else
        job = request_generation(company=_company_of(request), user=_token_of(request).user, brief=brief)
        return Response(QueuedJobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class EditsView(GenericAPIView[GenerationJob]):
    serializer_class = QueuedJobSerializer

    @extend_schema(
        operation_id="generations_edit",
        summary="Change a track: keep some parts, write the others or a range of bars anew",
        request={"application/json": EDIT_SCHEMA},
        responses={202: QueuedJobSerializer, 400: RefusalSerializer, 404: RefusalSerializer, 409: RefusalSerializer},
    )
    def post(self, request: Request) -> Response:
        values = request.data if isinstance(request.data, dict) else {}
        company = _company_of(request)
        track = find_editable(track_id=values.get("track"), company=company)
        job = request_edit(company=company, user=_token_of(request).user, track=track, values=values)
        return Response(QueuedJobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class GenerationView(GenericAPIView[GenerationJob]):
    serializer_class = JobSerializer

    @extend_schema(
        operation_id="generations_retrieve",
        summary="How far a job is",
        responses={200: JobSerializer, 404: RefusalSerializer},
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        return Response(JobSerializer(find_job(job_id=job_id, company=_company_of(request))).data)


class CancelView(GenericAPIView[GenerationJob]):
    serializer_class = JobSerializer

    @extend_schema(
        operation_id="generations_cancel",
        summary="Stop a job; a second time is no error",
        request=None,
        responses={200: JobSerializer, 404: RefusalSerializer, 409: RefusalSerializer},
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        company = _company_of(request)
        cancel_generation(job=find_job(job_id=job_id, company=company))
        return Response(JobSerializer(find_job(job_id=job_id, company=company)).data)
