"""What does a server offer, whichever wire asks?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protos.stepwell.v1 import admin_pb2_grpc, authority_pb2_grpc, search_pb2_grpc
from server import admin_service, authority_service, service
from server.admin_service import AdminService
from server.authority_service import AuthorityService
from server.service import SearchService

if TYPE_CHECKING:
    import grpc.aio

NAMES = (service.NAME, authority_service.NAME, admin_service.NAME)
"""The services of the contract."""


@dataclass(frozen=True, slots=True)
class Services:
    """One of each; gRPC, HTTP and MCP answer from these."""

    search: SearchService
    authority: AuthorityService
    admin: AdminService

    def register(self, server: grpc.aio.Server) -> None:
        """Answer their calls over gRPC."""
        search_pb2_grpc.add_SearchServicer_to_server(self.search, server)
        authority_pb2_grpc.add_AuthorityServicer_to_server(self.authority, server)
        admin_pb2_grpc.add_AdminServicer_to_server(self.admin, server)
